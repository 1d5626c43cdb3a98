import { firstValueFrom, lastValueFrom } from 'rxjs'
import { pooled, thenFetchErrors, thenWatch } from 'rxjobs'
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

test('a refused list asks for half as many rows the next time, down to 100', async () => {
  const { transport, requests } = answering(({ url }) => {
    return Number(new URL(url).searchParams.get('maxResults')) > 60
      ? { status: 400, body: { code: 'bad.request' } }
      : { body: [] }
  })
  const { list } = genesys({ region: 'eu_west_2', auth: accessToken('a-token'), transport }).jobs
  const refs = Array.from({ length: 120 }, (_, index) => ({ jobId: String(index) }))
  const read = (): Promise<ReadonlyArray<unknown>> => firstValueFrom(list.read('', refs))
  expect([await read(), await read()]).toEqual([[], []])
  await expect(read()).rejects.toMatchObject({ status: 400 })
  expect(requests.map(({ url }) => new URL(url).searchParams.get('maxResults'))).toEqual(['260', '130', '100'])
})

test.each(['quick-wrapup-code', 'twin-queues'])(
  'a pooled watch of %s costs one request at the end, with details, which explains a failure as well',
  async (acceleratorId) => {
    const sandbox = await start({ genesys: { stepMs: 60, requestsPerMinute: 100_000 } })
    const { jobs, postInfrastructureascodeJobs } = genesysTo(sandbox)
    const pool = pooled(jobs, { requestsPerMinute: 60_000 })
    const outcome = await lastValueFrom(
      postInfrastructureascodeJobs({ acceleratorId }).pipe(
        thenWatch(pool, { pollInterval: 40 }),
        thenFetchErrors(pool),
      ),
    )
    const { errorInfo, results } = outcome.job
    expect(results ?? errorInfo).toBeDefined()
    if (outcome.phase === 'failed') expect(outcome.failure).toMatchObject({ status: outcome.job.status })
    const single = asked(sandbox).filter((line) => line.startsWith(`GET /api/v2/infrastructureascode/jobs/`))
    // The first read, before the history shows the job, may be a single one.
    expect(single.filter((line) => line.endsWith('?details=true'))).toHaveLength(1)
    expect(single.at(-1)).toMatch(/details=true$/)
    expect(single.length).toBeLessThanOrEqual(2)
  },
)
