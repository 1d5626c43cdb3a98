import { expect, test } from 'vitest'
import {
  connectOf,
  field,
  finalized,
  jobsOf,
  jsonOf,
  logOf,
  sandboxes,
  someNumber,
  someText,
  until,
} from '../support.ts'

const start = sandboxes()

test('a process is a job: active with its pid, then over with its exit code', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const job = await sandbox.connect.start({
    script: "console.log('up'); process.stdin.resume(); setInterval(() => {}, 1000)",
  })
  const path = `/v1/content/${job.guid}/jobs/${job.key}`
  await until(
    () => logOf(ask, job),
    (lines) => lines.length === 1,
  )
  const active = await jsonOf(ask(path))
  expect(active).toMatchObject({ key: job.key, status: 0, exit_code: null, end_time: null })
  process.kill(Number(field(active, 'pid')), 'SIGTERM')
  expect(await finalized(ask, job)).toMatchObject({ status: 2, exit_code: 143, end_time: someText })
})

test('the list has every job of that content and no other', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const first = await sandbox.connect.start({ script: '' })
  const second = await sandbox.connect.start({ guid: first.guid, command: ['true'], tag: 'run_api' })
  await sandbox.connect.start({ script: '' })
  const jobs = await jobsOf(ask, first.guid)
  expect(jobs.map(({ key }) => key).sort()).toEqual([first.key, second.key].sort())
  expect(jobs.map(({ tag }) => tag).sort()).toEqual(['build_report', 'run_api'])
})

test('a failed job has an error, one that went well or still runs has none', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const failed = await sandbox.connect.start({
    script: "console.log('Error code: out-of-memory'); console.error('boom'); process.exit(3)",
  })
  const well = await sandbox.connect.start({ script: '' })
  const runs = sandbox.connect.feed()
  await finalized(ask, failed)
  await finalized(ask, well)
  const errorOf = ({ guid, key }: { guid: string; key: string }): Promise<Response> =>
    ask(`/v1/content/${guid}/jobs/${key}/error`)
  expect(await jsonOf(errorOf(failed))).toMatchObject({ code: 'out-of-memory', summary: 'boom' })
  for (const job of [well, runs]) {
    const answer = await errorOf(job)
    expect([answer.status, await answer.text()]).toEqual([204, ''])
  }
})

test('a kill ends the process for good, also one that will not hear', async () => {
  const sandbox = await start({ connect: { graceMs: 50 } })
  const ask = connectOf(sandbox)
  const job = await sandbox.connect.start({
    script: "process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000); console.log('up')",
  })
  const path = `/v1/content/${job.guid}/jobs/${job.key}`
  await until(
    () => logOf(ask, job),
    (lines) => lines.includes('up'),
  )
  const order = await ask(path, { method: 'DELETE' })
  expect(order.status).toBe(200)
  expect(await jsonOf(Promise.resolve(order))).toEqual({
    guid: someText,
    app_id: someNumber,
    app_guid: job.guid,
    job_id: someNumber,
    job_key: job.key,
    result: someText,
  })
  expect(await finalized(ask, job)).toMatchObject({ exit_code: 137 })
  expect(await logOf(ask, job)).toContain('no')
  expect((await ask(`${path}/error`)).status).toBe(204)
  const again = await ask(path, { method: 'DELETE' })
  expect([again.status, await again.json()]).toMatchObject([409, { code: 163, payload: null }])
})

test('no such content and no such job are both code 4', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const { guid } = sandbox.connect.feed()
  for (const path of [
    '/v1/content/nowhere/jobs',
    `/v1/content/${guid}/jobs/nothing`,
    '/v1/content/nowhere/jobs/x/log',
  ]) {
    const answer = await ask(path)
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 4, error: someText }])
  }
})
