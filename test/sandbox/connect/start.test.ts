import { expect, test } from 'vitest'
import { connectOf, finalized, jsonOf, logOf, sandboxes } from '../support.ts'

const start = sandboxes()

test('a script or a command is a job, on new content or on a given one', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const script = await sandbox.connect.start({
    guid: 'my-content',
    script: "import 'node:fs'; console.log('from a script')",
  })
  const command = await sandbox.connect.start({ guid: 'my-content', command: ['echo', 'from', 'a command'] })
  expect([script.guid, command.guid]).toEqual(['my-content', 'my-content'])
  await finalized(ask, script)
  await finalized(ask, command)
  expect([await logOf(ask, script), await logOf(ask, command)]).toEqual([['from a script'], ['from a command']])
  expect((await sandbox.connect.start({ script: '' })).guid).not.toBe('my-content')
})

test('a program that is not there is a failed job', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const job = await sandbox.connect.start({ command: ['no-such-program'] })
  expect(await finalized(ask, job)).toMatchObject({ exit_code: 127 })
  expect((await logOf(ask, job)).join()).toContain('ENOENT')
})

test('a fed job runs until it is finished, with the error it is given', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const job = sandbox.connect.feed({ tag: 'run_api' })
  const path = `/v1/content/${job.guid}/jobs/${job.key}`
  expect(await jsonOf(ask(path))).toMatchObject({ status: 0, tag: 'run_api', pid: '0' })
  const error = { code: 'given-code', summary: 'as given', help_url: 'https://help.example' }
  job.finish(9, error)
  expect(await finalized(ask, job)).toMatchObject({ exit_code: 9 })
  expect(await jsonOf(ask(`${path}/error`))).toEqual(error)
  expect(() => job.write([])).toThrow('over')
})

test('a fed job can be killed, or end without a trace', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const killed = sandbox.connect.feed()
  await ask(`/v1/content/${killed.guid}/jobs/${killed.key}`, { method: 'DELETE' })
  expect(await finalized(ask, killed)).toMatchObject({ exit_code: 143 })
  const lost = sandbox.connect.feed()
  lost.finish(null)
  expect(await finalized(ask, lost)).toMatchObject({ exit_code: null, end_time: null })
})

test('a process knows which job it is', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const job = await sandbox.connect.start({
    command: ['sh', '-c', 'echo $CONNECT_CONTENT_GUID $CONNECT_CONTENT_JOB_KEY'],
  })
  await finalized(ask, job)
  expect(await logOf(ask, job)).toEqual([`${job.guid} ${job.key}`])
})

test('nothing starts once the sandbox is closed', async () => {
  const sandbox = await start()
  await sandbox.close()
  await expect(sandbox.connect.start({ script: '' })).rejects.toThrow('closed')
})
