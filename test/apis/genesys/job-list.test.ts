import { firstValueFrom } from 'rxjs'
import { accessToken, genesys, type GenesysJobRef } from 'rxjobs/genesys'
import { expect, test } from 'vitest'
import { sandboxes } from '../../sandbox/support.ts'
import { answering, asked, genesysTo } from '../support.ts'

const start = sandboxes()
const submitted = { dryRun: false, id: 'a' }

/** What the list of a service with that history says of jobs a, b and c, and what it asked for. */
async function listed(body: unknown, scope = '') {
  const { transport, requests } = answering(() => ({ body }))
  const { list } = genesys({ region: 'eu_west_2', auth: accessToken('a-token'), transport }).jobs
  const refs: ReadonlyArray<GenesysJobRef> = ['a', 'b', 'c'].map((jobId) => ({ jobId }))
  const rows = list === undefined ? [] : await firstValueFrom(list.read(scope, refs))
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
  ['a status that nobody knows', [{ ...submitted, status: 'Paused' }], ['a ended']],
  ['jobs of others, and one without a name', [{ dryRun: true, id: 'z', status: 'Running' }, { dryRun: true }], []],
  ['nothing', {}, []],
])('%s', async (_, body, wanted) => {
  expect((await listed(body)).rows).toEqual(wanted)
})

test('asks for the newest without details, or for those of one status', async () => {
  const queries = [await listed([]), await listed([], 'Running')].map(({ requests }) => {
    return Object.fromEntries(new URL(requests[0]?.url ?? '').searchParams)
  })
  const newest = { maxResults: '26', sortBy: 'dateSubmitted', sortOrder: 'desc' }
  expect(queries).toEqual([newest, { ...newest, status: 'Running' }])
})

test('a job belongs with the newest until it was seen, then with those of its status while it is under way', () => {
  const { transport } = answering(() => ({}))
  const { list } = genesys({ region: 'eu_west_2', auth: accessToken('a-token'), transport }).jobs
  const scopes = [undefined, 'Created', 'Queued', 'Running', 'Complete', 'Failed', 'Paused'].map((status) => {
    const scope = list?.scopeOf({ jobId: 'a' }, status === undefined ? undefined : { ...submitted, status })
    return scope?._tag === 'Some' ? scope.value : scope
  })
  expect(scopes).toEqual(['', 'Created', 'Queued', 'Running', ...Array<unknown>(3).fill({ _tag: 'None' })])
})

test('the sandbox lists jobs as it shows them one by one', async () => {
  const sandbox = await start({ genesys: { stepMs: 60_000 } })
  const { jobs, postInfrastructureascodeJobs } = genesysTo(sandbox)
  const job = await firstValueFrom(postInfrastructureascodeJobs({ acceleratorId: 'quick-wrapup-code' }))
  const ref = { jobId: job.id ?? '' }
  const rows = jobs.list && (await firstValueFrom(jobs.list.read('Created', [ref])))
  expect(rows).toEqual([await firstValueFrom(jobs.status(ref))])
  expect(asked(sandbox).some((line) => line.includes('status=Created'))).toBe(true)
})

test('a service that refuses so many rows is asked for half as many; one that refuses few does not list', async () => {
  const { transport, requests } = answering(({ url }) => {
    return Number(new URL(url).searchParams.get('maxResults')) > 60
      ? { status: 400, body: { code: 'bad.request' } }
      : { body: [] }
  })
  const { list } = genesys({ region: 'eu_west_2', auth: accessToken('a-token'), transport }).jobs
  if (list === undefined) return expect.unreachable('there is a list')
  const refs = Array.from({ length: 120 }, (_, index) => ({ jobId: String(index) }))
  const read = (): Promise<ReadonlyArray<unknown>> => firstValueFrom(list.read('', refs))
  expect([await read(), await read()]).toEqual([[], []])
  await expect(read()).rejects.toMatchObject({ status: 400 })
  expect(requests.map(({ url }) => new URL(url).searchParams.get('maxResults'))).toEqual(['260', '130', '100'])
})
