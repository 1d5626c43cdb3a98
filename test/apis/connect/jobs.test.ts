import { firstValueFrom } from 'rxjs'
import { connect } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { sandboxes, someNumber, someText, until } from '../../sandbox/support.ts'
import { answering, asked, connectTo, errorOf, jobPath, written } from '../support.ts'

const start = sandboxes()

test('jobs, all of a content and each by its key', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const first = sandbox.connect.feed({ tag: 'build_report' })
  const second = sandbox.connect.feed({ guid: first.guid, tag: 'run_app' })
  const jobs = await firstValueFrom(pc.getJobs({ guid: first.guid }))
  expect(jobs.map(({ key, tag, status }) => [key, tag, status]).sort()).toEqual(
    [
      [first.key, 'build_report', 0],
      [second.key, 'run_app', 0],
    ].sort(),
  )
  const { guid, key } = second
  expect(await firstValueFrom(pc.getJob({ guid, key }))).toMatchObject({ key, content_guid: guid, exit_code: null })
  expect(asked(sandbox)).toEqual([`GET /__api__/v1/content/${guid}/jobs`, `GET ${jobPath(second)}`])
  expect(sandbox.exchanges.map(({ authorization }) => authorization)).toEqual(['Key', 'Key'])
})

test('a log: all of it, or as many lines as asked for', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const job = written(sandbox, 'a', 'b', 'c')
  const { entries } = await firstValueFrom(pc.jobLogs(job))
  expect(entries).toEqual(['a', 'b', 'c'].map((data) => ({ source: 'stdout', timestamp: someText, data })))
  expect(await firstValueFrom(pc.jobLogs({ guid: job.guid, key: job.key, maxLogLines: 2 }))).toEqual({
    entries: entries.slice(1),
  })
  expect(asked(sandbox)).toEqual([`GET ${jobPath(job)}/log`, `GET ${jobPath(job)}/log?maxLogLines=2`])
})

test('the error of a job: none, or some', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const job = written(sandbox, 'a')
  expect(await firstValueFrom(pc.jobError(job))).toEqual({ _tag: 'None' })
  const error = {
    code: 'python-package-install-failed',
    summary: 'No such package.',
    help_url: 'https://example.com/help',
  }
  job.finish(3, error)
  expect(await firstValueFrom(pc.jobError(job))).toEqual({ _tag: 'Some', value: error })
  expect(sandbox.exchanges.map(({ path, status }) => [path, status])).toEqual([
    [`${jobPath(job)}/error`, 204],
    [`${jobPath(job)}/error`, 200],
  ])
})

test('a kill: the receipt, the end of the job, and code 163 for one that is over', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const ref = await sandbox.connect.start({ script: 'console.log("up"); setInterval(() => {}, 1000)' })
  await firstValueFrom(pc.jobTailLog(ref))
  expect(await firstValueFrom(pc.killJob(ref))).toEqual({
    guid: someText,
    app_id: someNumber,
    app_guid: ref.guid,
    job_id: someNumber,
    job_key: ref.key,
    result: someText,
  })
  const job = await until(
    () => firstValueFrom(pc.getJob(ref)),
    ({ status }) => status !== 0,
  )
  expect(job.exit_code).not.toBe(0)
  expect(await errorOf(pc.killJob(ref))).toMatchObject({ status: 409, code: 163, method: 'DELETE', missing: undefined })
  expect(asked(sandbox)).toContain(`DELETE /__api__/v1/content/${ref.guid}/jobs/${ref.key}`)
})

test('a kill that is answered with nothing is a receipt without words', async () => {
  const { transport } = answering(() => ({ status: 204 }))
  const { killJob } = connect({ server: 'https://host', apiKey: 'k', transport })
  expect(await firstValueFrom(killJob({ guid: 'g', key: 'k' }))).toEqual({})
})
