import { firstValueFrom, from, mergeMap, VirtualTimeScheduler } from 'rxjs'
import { pooled, thenFetchErrors, watchJob } from 'rxjobs'
import { accessToken, genesys, type GenesysJobRef } from 'rxjobs/genesys'
import { expect, test } from 'vitest'
import { sandboxes } from '../../sandbox/support.ts'
import { answering, asked, genesysTo } from '../support.ts'

const start = sandboxes()
const submitted = { dryRun: false, id: 'a' }

/** The rows of jobs a, b and c in the list of a service with that history, and the requests. */
async function listed(body: unknown, scope = '') {
  const { transport, requests } = answering(() => ({ body }))
  const { list } = genesys({ region: 'eu_west_2', auth: accessToken('a-token'), transport }).jobs
  const refs: ReadonlyArray<GenesysJobRef> = ['a', 'b', 'c'].map((jobId) => ({ jobId }))
  const rows = await firstValueFrom(list.read(scope, refs))
  expect(rows.every(({ partial }) => partial === true)).toBe(true)
  return { rows: rows.map(({ ref, phase }) => `${ref.jobId} ${phase}`), requests }
}

test.each([
  [
    'an array',
    [
      { ...submitted, status: 'Running' },
      { dryRun: false, id: 'c', status: 'Queued' },
    ],
    ['a running', 'c queued'],
  ],
  ['a page', { entities: [{ ...submitted, status: 'Created' }] }, ['a queued']],
  ['one job', { ...submitted, status: 'Failed' }, ['a failed']],
  ['an unknown status, which must be read', [{ ...submitted, status: 'Paused' }], ['a ended']],
  [
    'jobs of others, and two without a valid id',
    [{ dryRun: true, id: 'z', status: 'Running' }, { dryRun: true }, { dryRun: true, id: '..' }],
    ['z running'],
  ],
  ['nothing', {}, []],
])('a history as %s is rows that a read must confirm', async (_, body, wanted) => {
  expect((await listed(body)).rows).toEqual(wanted)
})

test('a list reads the newest jobs without details, or those of one status', async () => {
  const queries = [await listed([]), await listed([], 'Running')].map(({ requests }) => {
    return Object.fromEntries(new URL(requests[0]?.url ?? '').searchParams)
  })
  const newest = { maxResults: '26', sortBy: 'dateSubmitted', sortOrder: 'desc' }
  expect(queries).toEqual([newest, { ...newest, status: 'Running' }])
})

test('a job is in the list of the newest until it was read, then in the list of its status while it is under way', () => {
  const { transport } = answering(() => ({}))
  const { list } = genesys({ region: 'eu_west_2', auth: accessToken('a-token'), transport }).jobs
  const scopes = [undefined, 'Created', 'Queued', 'Running', 'Complete', 'Failed', 'Paused'].map((status) => {
    return list.scopeOf({ jobId: 'a' }, status === undefined ? undefined : { ...submitted, status })
  })
  expect(scopes).toEqual(['', 'Created', 'Queued', 'Running', undefined, undefined, undefined])
})

test('a list of the sandbox has the same job as a single read', async () => {
  const sandbox = await start({ genesys: { stepMs: 60_000 } })
  const { jobs, postInfrastructureascodeJobs } = genesysTo(sandbox)
  const job = await firstValueFrom(postInfrastructureascodeJobs({ acceleratorId: 'quick-wrapup-code' }))
  const ref = { jobId: job.id ?? '' }
  const rows = await firstValueFrom(jobs.list.read('Created', [ref]))
  expect(rows).toEqual([{ ...(await firstValueFrom(jobs.status(ref))), ref, partial: true }])
  expect(asked(sandbox).some((line) => line.includes('status=Created'))).toBe(true)
})

test('a list asks for twice the rows that it looks for and twenty more, at most 5000', async () => {
  const { transport, requests } = answering(() => ({ body: [] }))
  const { list } = genesys({ region: 'eu_west_2', auth: accessToken('a-token'), transport }).jobs
  for (const length of [1, 120, 10_000]) {
    await firstValueFrom(
      list.read(
        '',
        Array.from({ length }, (_, index) => ({ jobId: String(index) })),
      ),
    )
  }
  expect(requests.map(({ url }) => new URL(url).searchParams.get('maxResults'))).toEqual(['22', '260', '5000'])
})

test('pooled watches read the lists, and each job once at its end, with details that explain a failure', () => {
  const clock = new VirtualTimeScheduler()
  const requests: Array<string> = []
  const ids = ['a', 'b', 'c', 'd', 'e', 'the last one']
  const statusOf = (id: string): string => (clock.now() < 60_000 + 1_000 * ids.indexOf(id) ? 'Running' : 'Failed')
  const { transport } = answering(({ url }) => {
    const { pathname, search, searchParams } = new URL(url)
    const id = /jobs\/(.+)$/.exec(decodeURIComponent(pathname))?.[1]
    requests.push(id === undefined ? 'list' : `${id}${search}`)
    const more = searchParams.get('details') === 'true' ? { errorInfo: { code: 'c' } } : {}
    if (id !== undefined) return { body: { id, dryRun: false, status: statusOf(id), ...more } }
    const jobs = ids.map((one) => ({ id: one, dryRun: false, status: statusOf(one) }))
    return { body: jobs.filter(({ status }) => status === (searchParams.get('status') ?? status)) }
  })
  const place = { region: 'eu_west_2', auth: accessToken('a-token'), transport, scheduler: clock } as const
  const pool = pooled(genesys(place).jobs, { requestsPerMinute: 600, scheduler: clock, random: () => 0 })
  const failures: Array<unknown> = []
  from(ids)
    .pipe(
      mergeMap((jobId) => watchJob(pool, { jobId }, { pollInterval: 1_000 })),
      thenFetchErrors(pool),
    )
    .subscribe((outcome) => failures.push(outcome.phase === 'failed' && outcome.failure))
  clock.flush()
  expect(failures).toEqual(ids.map(() => ({ status: 'Failed', code: 'c' })))
  // A single job is not read by a list.
  const until = requests.indexOf('e?details=true') + 1
  const single = requests.slice(0, until).filter((line) => line !== 'list')
  const atEnd = ids.slice(0, 5).map((id) => `${id}?details=true`)
  expect([...new Set(single)].sort()).toEqual(atEnd)
  // The others check whether the list is stale.
  expect(single.length - atEnd.length).toBeLessThanOrEqual(5)
})
