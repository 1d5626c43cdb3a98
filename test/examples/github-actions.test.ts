import { asyncScheduler, lastValueFrom, toArray } from 'rxjs'
import {
  followJob,
  type JobEvent,
  tailLog,
  thenFetchErrors,
  thenFollow,
  thenTail,
  thenWatch,
  toAsyncIterable,
  watchJob,
} from 'rxjobs'
import { jobSourceConformance, type SourceUnderTest, testConformance } from 'rxjobs/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { githubActions, type Run, type RunRef } from '../../examples/github-actions.ts'
import { type GitHubOptions, type GitHubServer, startGitHub } from './github-server.ts'

const soon = { pollInterval: 50 }
const workflow = { owner: 'octo', repo: 'site', workflow_id: 'ci.yml', ref: 'main' }
const ref: RunRef = { owner: 'octo', repo: 'site', run_id: 7 }
const log = ['compiling', 'done', '1 of 212 failed', '##[error]exit code 1']

const open: Array<GitHubServer> = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})
async function started(options: GitHubOptions = { latency: 1 }) {
  const server = await startGitHub(options)
  open.push(server)
  return { server, service: githubActions(server.token, server.url) }
}

// In real time: a busy machine takes long.
describe('the conformance suite', { timeout: 60_000 }, () => {
  testConformance(
    // Each check waits for a run of half a second.
    test.concurrent,
    jobSourceConformance(async (): Promise<SourceUnderTest<RunRef, Run, ReadonlyArray<string>>> => {
      const server = await startGitHub({ drops: 1 })
      return {
        ...server,
        ...soon,
        source: githubActions(server.token, server.url).runs,
        ref,
        missing: { ...ref, run_id: 404 },
        scheduler: asyncScheduler,
        advance: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        secrets: [server.token],
        within: 10_000,
      }
    }),
  )
})

test('starts a workflow, watches its run, and fetches why it failed', async () => {
  const { service, server } = await started()
  const outcome = await lastValueFrom(
    service.start(workflow).pipe(thenWatch(service.runs, soon), thenFetchErrors(service.runs)),
  )
  expect(outcome).toMatchObject({ ref, phase: 'failed', failure: ['test'] })
  expect(server.posts()).toBe(1)
})

test('every stream and operator has the whole log, with timestamps and the names of jobs', async () => {
  const { service } = await started()
  const lines: Array<string> = []
  for await (const element of toAsyncIterable(tailLog(service.runs, ref, soon))) {
    if (element._tag === 'Line') lines.push(`${element.source}: ${element.data}`)
    if (element._tag === 'Line') expect(element.timestamp).toMatch(/^2027-01-15T\S+Z$/)
  }
  expect(lines).toEqual(['build: compiling', 'build: done', 'test: 1 of 212 failed', 'test: ##[error]exit code 1'])
  const texts = (events: ReadonlyArray<JobEvent<RunRef, Run, ReadonlyArray<string>>>) =>
    events.flatMap((event) => (event._tag === 'Line' ? [event.data] : []))
  const followed = await lastValueFrom(followJob(service.runs, ref, soon).pipe(toArray()))
  expect([texts(followed), followed.at(-1)?._tag]).toEqual([log, 'Settled'])
  const again = await started()
  const submitted = await lastValueFrom(
    again.service.start(workflow).pipe(thenFollow(again.service.runs, soon), toArray()),
  )
  expect(texts(submitted)).toEqual(log)
  const tailed = await lastValueFrom(again.service.start(workflow).pipe(thenTail(again.service.runs, soon), toArray()))
  expect(tailed).toHaveLength(4)
})

test('follows the redirect to a log without the token', async () => {
  const { service, server } = await started()
  await lastValueFrom(tailLog(service.runs, ref, soon))
  expect(new Set(server.asked.filter((line) => line.includes('blob')))).toEqual(new Set(['GET blob']))
})

test('cancels a run; cancelling a run that is over is no failure', async () => {
  const { service } = await started()
  await lastValueFrom(service.start(workflow))
  await lastValueFrom(service.runs.cancel(ref), { defaultValue: undefined })
  const last = await lastValueFrom(watchJob(service.runs, ref, soon))
  expect([last.phase, last.job.conclusion]).toEqual(['cancelled', 'cancelled'])
  await lastValueFrom(service.runs.cancel(ref), { defaultValue: undefined })
})

test('one call lists the runs of a repository', async () => {
  const { service, server } = await started()
  const { scopeOf, read } = service.runs.list
  expect(scopeOf(ref)).toBe('octo/site')
  const rows = await lastValueFrom(read('octo/site'))
  expect(rows).toMatchObject([{ ref, phase: 'queued' }])
  expect(server.asked).toHaveLength(1)
})
