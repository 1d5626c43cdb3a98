import fc from 'fast-check'
import { firstValueFrom, forkJoin, lastValueFrom, map, Observable, of, throwError, VirtualTimeScheduler } from 'rxjs'
import { thenFetchErrors, thenWatch } from 'rxjobs'
import type { Chunk, Head, HttpRequest } from 'rxjobs/core'
import { accessToken, clientCredentials, genesys, type InfrastructureascodeJob, submitOnce } from 'rxjobs/genesys'
import { expect, test } from 'vitest'
import { sandboxes } from '../../sandbox/support.ts'
import { asked, errorOf, genesysTo } from '../support.ts'

const start = sandboxes()
const jobs = '/api/v2/infrastructureascode/jobs'
const lost = { kind: 'reset', when: 'after', match: { method: 'POST', path: /jobs$/ } } as const
const acceleratorId = 'twin-queues'
const us = { submittedBy: 'us' }

test('a job whose response arrives costs one read of the history', async () => {
  const sandbox = await start()
  const job = await firstValueFrom(submitOnce(genesysTo(sandbox), { acceleratorId }))
  expect(job).toMatchObject({ acceleratorId, dryRun: false })
  expect(asked(sandbox).map((line) => line.split('?')[0])).toEqual([`GET ${jobs}`, `POST ${jobs}`])
})

test.each(['array', 'entities', 'one'] as const)(
  'a job whose response was lost is found, watched and explained, after one POST (%s)',
  async (historyShape) => {
    const rules = [{ ...lost, skip: 1, times: 1 }]
    const sandbox = await start({ genesys: { historyShape, stepMs: 2 }, faults: { rules } })
    const cx = genesysTo(sandbox)
    // A job of another accelerator shows who we are.
    const another = { acceleratorId: 'quick-wrapup-code', dryRun: true }
    const { submittedBy: user } = await firstValueFrom(cx.postInfrastructureascodeJobs(another))
    const flow = submitOnce(cx, { acceleratorId }, { submittedBy: user?.id ?? 'unknown' }).pipe(
      thenWatch(cx.jobs, { pollInterval: 10 }),
      thenFetchErrors(cx.jobs),
    )
    expect(await lastValueFrom(flow)).toMatchObject({ phase: 'failed', job: { status: 'RollbackComplete' } })
    expect(asked(sandbox).filter((line) => line.startsWith('POST'))).toHaveLength(2)
  },
)

/** What happens to a POST: the job is made or not, and its answer comes or is lost. */
type Fate = { readonly made: boolean; readonly lost?: number | Error; readonly by?: string }

/** A service in virtual time. `history` shows what there is, or what a test makes of it. */
function service(
  fates: ReadonlyArray<Fate>,
  history: (all: ReadonlyArray<InfrastructureascodeJob>, read: number) => unknown = (all) => all,
  existing: ReadonlyArray<InfrastructureascodeJob> = [],
) {
  const clock = new VirtualTimeScheduler()
  const all: Array<InfrastructureascodeJob> = [...existing]
  const seen = { posts: 0, reads: [] as Array<number> }
  const answer = (status: number, body: unknown): Observable<Head | Chunk> =>
    of({ status, headers: [] }, { bytes: new TextEncoder().encode(JSON.stringify(body)) })
  const transport = ({ method, body }: HttpRequest): Observable<Head | Chunk> => {
    if (method === 'GET') {
      seen.reads.push(clock.now())
      const shown = history(all, seen.reads.length - 1)
      return shown === undefined ? answer(403, { code: 'missing.permissions' }) : answer(200, shown)
    }
    const { made, lost: loss, by = 'us' } = fates[seen.posts++] ?? expect.unreachable('one POST too many')
    const { acceleratorId: id, dryRun = false } = JSON.parse(String(body)) as {
      acceleratorId: string
      dryRun?: boolean
    }
    const job = { id: `job-${seen.posts}`, acceleratorId: id, dryRun, submittedBy: { id: by }, status: 'Created' }
    if (made) all.unshift(job)
    if (typeof loss === 'number') return answer(loss, { code: 'c' })
    return loss === undefined ? answer(202, job) : throwError(() => loss)
  }
  const cx = genesys({ region: 'us_east_1', auth: accessToken('a-token'), transport, scheduler: clock, retry: false })
  return { cx, clock, seen, all }
}

const reset = new Error('reset')
const old: InfrastructureascodeJob = { id: 'old', dryRun: false, acceleratorId }

function ended(clock: VirtualTimeScheduler, stream: ReturnType<typeof submitOnce>): unknown {
  let end: unknown
  stream.pipe(map(({ id }) => id)).subscribe({ next: (id) => (end = id), error: (error: unknown) => (end = error) })
  clock.flush()
  return end
}

test.each([[reset], [200], [408], [500], [502], [503], [504]])(
  'after %s the history is read until it shows the job',
  (loss) => {
    const { cx, clock, seen } = service([{ made: true, lost: loss }], undefined, [old])
    expect(ended(clock, submitOnce(cx, { acceleratorId }, us))).toBe('job-1')
    expect(seen).toEqual({ posts: 1, reads: [0, 500] })
  },
)

test.each([[400], [401], [403], [404], [409], [413], [429]])(
  '%d says that there is no job: the history is not read',
  (loss) => {
    const { cx, clock, seen } = service([{ made: false, lost: loss }])
    expect(ended(clock, submitOnce(cx, { acceleratorId }))).toMatchObject({ _tag: 'HttpError', status: loss })
    expect(seen.reads).toEqual([0])
  },
)

test('a history that lags is read again', () => {
  const { cx, clock, seen } = service([{ made: true, lost: reset }], (all, read) => (read < 4 ? [old] : all), [old])
  expect(ended(clock, submitOnce(cx, { acceleratorId }, us))).toBe('job-1')
  expect(seen.reads).toEqual([0, 500, 1_500, 3_500, 7_500])
})

test('a history that never shows the job: the error of the POST, and no second POST', () => {
  const { cx, clock, seen } = service([{ made: false, lost: reset }], undefined, [old])
  const error = ended(clock, submitOnce(cx, { acceleratorId }))
  expect(error).toMatchObject({
    _tag: 'NetworkError',
    method: 'POST',
    path: jobs,
    observedResponses: { 'history without it': 6 },
  })
  expect(String(error)).toBe(
    `NetworkError: POST ${jobs} at https://api.mypurecloud.com: reset (it may have arrived: see getInfrastructureascodeJobs before you send it again) (after 6 × history without it)`,
  )
  expect([seen.posts, clock.now(), clock.actions]).toEqual([1, 30_500, []])
})

const other = (id: string, more: Partial<InfrastructureascodeJob> = {}): InfrastructureascodeJob => ({
  ...old,
  id,
  ...more,
})

test('several candidates: the error has their ids', () => {
  const { cx, clock } = service(
    [{ made: true, lost: reset }],
    (all, read) => (read === 0 ? [old] : [other('b'), ...all]),
    [old],
  )
  const words = 'history with what may be it: b, job-1'
  expect(ended(clock, submitOnce(cx, { acceleratorId }, us))).toMatchObject({
    _tag: 'NetworkError',
    observedResponses: { [words]: 6 },
  })
})

test('another accelerator, a dry run, another user and earlier jobs are no candidates', () => {
  const others = [
    other('b', { acceleratorId: 'support-line' }),
    other('c', { dryRun: true }),
    other('d', { submittedBy: { id: 'them' } }),
  ]
  const shown = (all: ReadonlyArray<InfrastructureascodeJob>, read: number): unknown =>
    read === 0 ? all : [...others, ...all]
  const given = service([{ made: true, lost: reset }], shown, [old])
  expect(ended(given.clock, submitOnce(given.cx, { acceleratorId }, { submittedBy: 'us' }))).toBe('job-1')
  const learned = service([{ made: true }, { made: true, lost: reset }], (all, read) =>
    read < 2 ? all : [...others, ...all],
  )
  expect(ended(learned.clock, submitOnce(learned.cx, { acceleratorId }))).toBe('job-1')
  expect(ended(learned.clock, submitOnce(learned.cx, { acceleratorId }))).toBe('job-2')
})

const nobody = ' (whose is not known: give submittedBy)'
type Submitter = InfrastructureascodeJob['submittedBy']
test.each<[what: string, option: string | undefined, by: Submitter, end: string]>([
  ['ours by the option', 'us', { id: 'us' }, 'job-x'],
  ['of somebody else', 'us', { id: 'them' }, 'history without it'],
  ['of nobody', 'us', undefined, 'history with what may be it: job-x'],
  ['of a user without an id', 'us', { selfUri: '/users/us' }, 'history with what may be it: job-x'],
  ['of somebody, and we are not known', undefined, { id: 'us' }, `history with what may be it: job-x${nobody}`],
  ['of nobody, and we are not known', undefined, undefined, `history with what may be it: job-x${nobody}`],
  ['of an empty user, and we are not known', undefined, { id: '' }, `history with what may be it: job-x${nobody}`],
])('one new job in the history, %s', (_, option, by, end) => {
  const shown = other('job-x', by && { submittedBy: by })
  const { cx, clock } = service([{ made: false, lost: reset }], (all, read) => (read === 0 ? all : [shown, ...all]), [
    old,
  ])
  const options = option === undefined ? {} : { submittedBy: option }
  const found = ended(clock, submitOnce(cx, { acceleratorId }, options))
  if (end === 'job-x') expect(found).toBe(end)
  else expect(found).toMatchObject({ _tag: 'NetworkError', method: 'POST', observedResponses: { [end]: 6 } })
})

test('who we are is learned from the answers to submits of this client, the last of them, and from nothing else', () => {
  const lostOne = { made: true, lost: reset }
  const fates: ReadonlyArray<Fate> = [{ made: true, by: 'me' }, { made: true }, lostOne, { ...lostOne, by: 'me' }]
  const { cx, clock } = service(fates)
  const end = (options = {}): unknown => ended(clock, submitOnce(cx, { acceleratorId }, options))
  expect([end(), end(), end()]).toEqual(['job-1', 'job-2', 'job-3'])
  expect(end()).toMatchObject({ observedResponses: { 'history without it': 6 } })

  // Neither an option of another call nor the job that was found with it says who a later call is.
  const given = service([lostOne, lostOne])
  expect(ended(given.clock, submitOnce(given.cx, { acceleratorId }, us))).toBe('job-1')
  const words = `history with what may be it: job-2${nobody}`
  expect(ended(given.clock, submitOnce(given.cx, { acceleratorId }))).toMatchObject({
    observedResponses: { [words]: 6 },
  })
})

test('a job of somebody else is never taken, whatever the history shows and when', () => {
  const user = fc.constantFrom('us', 'them', undefined)
  const shown = fc.array(fc.record({ by: user, like: fc.boolean(), at: fc.integer({ min: 0, max: 6 }) }), {
    maxLength: 4,
  })
  fc.assert(
    fc.property(shown, fc.constantFrom('us', undefined), fc.boolean(), fc.boolean(), (jobs, option, learns, made) => {
      const rows = jobs.map(({ by, like, at }, index) => {
        const job = other(`job-x${index}`, { dryRun: !like, ...(by !== undefined && { submittedBy: { id: by } }) })
        return { at, by, job }
      })
      const before = learns ? 2 : 0
      const history = (all: ReadonlyArray<InfrastructureascodeJob>, read: number): unknown => [
        ...rows.filter(({ at }) => read > before + at).map(({ job }) => job),
        ...all,
      ]
      const fates = [...(learns ? [{ made: true }, { made: true }] : []), { made, lost: reset }]
      const { cx, clock } = service(fates, history, [old])
      for (let call = 1; call < fates.length; call++) ended(clock, submitOnce(cx, { acceleratorId }))
      const end = ended(clock, submitOnce(cx, { acceleratorId }, option === undefined ? {} : { submittedBy: option }))
      const taken = rows.find(({ job }) => job.id === end)
      expect(taken === undefined || (taken.by === 'us' && (learns || option === 'us'))).toBe(true)
      if (!learns && option === undefined) expect(end).toMatchObject({ _tag: 'NetworkError' })
    }),
  )
})

test('a history that does not reach back to earlier jobs may hide a candidate', () => {
  const { cx, clock } = service([{ made: true, lost: reset }], (all) => all.slice(0, 1), [old])
  const words = 'history with what may be it: job-1'
  expect(ended(clock, submitOnce(cx, { acceleratorId }, us))).toMatchObject({ observedResponses: { [words]: 6 } })
})

test('jobs without an id do not show that a history reaches back', () => {
  const nameless: InfrastructureascodeJob = { acceleratorId, dryRun: false, status: 'Complete' }
  const shown = (all: ReadonlyArray<InfrastructureascodeJob>, read: number) =>
    read === 0 ? [nameless, ...all] : [nameless, ...all.slice(0, 1)]
  const { cx, clock } = service([{ made: true, lost: reset }], shown, [old])
  const words = 'history with what may be it: job-1'
  expect(ended(clock, submitOnce(cx, { acceleratorId }, us))).toMatchObject({ observedResponses: { [words]: 6 } })
})

test('two calls of one client that lost their responses do not take each other’s job', () => {
  const { cx, clock, all } = service([
    { made: true, lost: reset },
    { made: false, lost: reset },
  ])
  const ends: Array<unknown> = []
  for (let call = 1; call <= 2; call++) {
    submitOnce(cx, { acceleratorId }, us).subscribe({
      next: ({ id }) => ends.push(id),
      error: (error: unknown) => ends.push(error),
    })
  }
  clock.flush()
  expect(all.map(({ id }) => id)).toEqual(['job-1'])
  const words = 'history with what may be it: job-1'
  expect(ends[0]).toMatchObject({ _tag: 'NetworkError', observedResponses: { [words]: 6 } })
})

test('a job whose response arrived is no candidate of another call, even where the history shows it late', () => {
  const fates: ReadonlyArray<Fate> = [{ made: true }, { made: false, lost: reset }]
  const { cx, clock } = service(fates, (all, read) => (read < 2 ? [old] : [...all]), [old])
  expect(ended(clock, submitOnce(cx, { acceleratorId }))).toBe('job-1')
  expect(ended(clock, submitOnce(cx, { acceleratorId }))).toMatchObject({
    observedResponses: { 'history without it': 6 },
  })
})

test('a history that cannot be read: no POST before, an error that says so after', () => {
  const before = service([], () => undefined)
  expect(ended(before.clock, submitOnce(before.cx, { acceleratorId }))).toMatchObject({ status: 403, method: 'GET' })
  expect(before.seen.posts).toBe(0)
  const after = service([{ made: true, lost: reset }], (all, read) => (read === 0 ? all : undefined))
  expect(ended(after.clock, submitOnce(after.cx, { acceleratorId }))).toMatchObject({
    _tag: 'NetworkError',
    method: 'POST',
    observedResponses: { 'history that failed: HttpError': 6 },
  })
})

test('a failed token request is no POST: the history is not read', async () => {
  const sandbox = await start({ faults: { rules: [{ kind: 'reset', when: 'before', match: { path: /oauth/ } }] } })
  const { baseUrl, clientId, clientSecret } = sandbox.genesys
  const cx = genesys({ baseUrl, auth: clientCredentials({ clientId, clientSecret }), retry: false })
  expect(await errorOf(submitOnce(cx, { acceleratorId }))).toMatchObject({ _tag: 'NetworkError', path: '/oauth/token' })
  expect(asked(sandbox)).toEqual([])
})

test('each subscription submits; invalid parameters throw synchronously', async () => {
  const { cx, clock, seen } = service([{ made: true }, { made: true }])
  const submission = submitOnce(cx, { acceleratorId })
  expect(seen.posts).toBe(0)
  const both = firstValueFrom(forkJoin([submission, submission]))
  clock.flush()
  expect((await both).map(({ id }) => id)).toEqual(['job-1', 'job-2'])
  expect(() => submitOnce(cx, { acceleratorId: '' })).toThrow(/acceleratorId must be/)
  expect(() => submitOnce(cx, { acceleratorId }, { submittedBy: '' })).toThrow(/^submitOnce: submittedBy must be/)
  // @ts-expect-error: as a caller without types may do
  expect(() => submitOnce(cx, { acceleratorId }, { submittedby: 'us' })).toThrow(/unknown option submittedby/)
})
