import {
  defer,
  delay,
  map,
  NEVER,
  type Observable,
  of,
  type SchedulerLike,
  throwError,
  VirtualTimeScheduler,
} from 'rxjs'
import {
  type ApiError,
  type Connection,
  DeadlineError,
  DecodeError,
  NetworkError,
  pooled,
  RequestTimeoutError,
  thenWatch,
  watchJob,
  type WatchOptions,
} from 'rxjobs'
import { expect, test, vi } from 'vitest'
import { SettableScheduler } from '../core/support/schedulers.ts'
import { answered, inTurn, letters, marbles, recorded } from './support/letters.ts'

const asked = { method: 'GET', path: '/jobs/a' }
const open = { _tag: 'Connection', channel: 'status', state: 'open', attempt: 0, retryInMs: 0 }
const network = new NetworkError({ ...asked, cause: 'reset' })

/** A watch of a job that fails in that way, so often, before it succeeds. */
function watched(error: ApiError, times: number, maxAttempts?: number, transient?: () => boolean) {
  const scheduler = new VirtualTimeScheduler()
  const connections: Array<Connection> = []
  const reads: Array<number> = []
  const status = () => defer(() => (reads.push(scheduler.now()) <= times ? throwError(() => error) : of('s')))
  const source = letters(status, transient === undefined ? {} : { transient })
  const stream = watchJob(source, 'a', {
    scheduler,
    onConnection: (connection) => connections.push(connection),
    ...(maxAttempts === undefined ? {} : { retry: { maxAttempts } }),
  })
  return { ...recorded(scheduler, stream), connections, reads }
}

test.each<[what: string, error: ApiError]>([
  ['no connection', network],
  ['a timeout', new RequestTimeoutError({ ...asked, after: 10, waitingFor: 'response' })],
  ...[408, 429, 500, 502, 503, 504].map((status): [string, ApiError] => [`${status}`, answered(status)]),
])('%s is retried, reported, and reported when it is over', (_, error) => {
  const { values, error: ended, connections, reads } = watched(error, 4)
  expect([values.length, ended]).toEqual([1, undefined])
  expect(connections.map(({ channel, state, attempt }) => `${channel} ${state} ${attempt}`)).toEqual([
    'status retrying 1',
    'status retrying 2',
    'status retrying 3',
    'status retrying 4',
    'status open 0',
  ])
  for (const [index, { retryInMs, attempt }] of connections.slice(0, -1).entries()) {
    expect(retryInMs).toBeGreaterThanOrEqual(250)
    expect(retryInMs).toBeLessThanOrEqual(500 * 2 ** attempt)
    expect((reads[index + 1] ?? 0) - (reads[index] ?? 0)).toBe(retryInMs)
  }
  expect(connections[0]?.error).toEqual(error)
  expect(connections.at(-1)).toEqual({ ref: 'a', ...open })
})

test('Retry-After is a lower bound of the wait, above the cap of the backoff too, with a little jitter', () => {
  const { reads } = watched(answered(503, 45_678), 2)
  for (const [from, to] of [
    [reads[0], reads[1]],
    [reads[1], reads[2]],
  ]) {
    expect((to ?? 0) - (from ?? 0)).toBeGreaterThanOrEqual(45_678)
    expect((to ?? 0) - (from ?? 0)).toBeLessThanOrEqual(50_246)
  }
})

test('a Retry-After longer than maxRetryAfter ends the watch with the error', () => {
  expect(watched(answered(503, 900_001), 1)).toMatchObject({ error: { status: 503, retryAfter: 900_001 }, endedAt: 0 })
})

test('maxAttempts failures in a row end it with the last one; an answer begins the count anew', () => {
  expect(watched(network, 19)).toMatchObject({ completed: true })
  const twenty = watched(network, 20)
  expect([twenty.error, twenty.reads.length]).toMatchObject([
    { _tag: 'NetworkError', cause: network.cause, observedResponses: { NetworkError: 19 } },
    20,
  ])
  const none = watched(network, 1, 1)
  expect([none.error, none.reads.length, none.connections]).toEqual([network, 1, []])
  const source = letters(() => throwError(() => network))
  const never = watchJob(source, 'a', { retry: false })
  expect(recorded(new VirtualTimeScheduler(), never)).toMatchObject({ error: network, endedAt: 0 })
  const scheduler = new VirtualTimeScheduler()
  const turn = inTurn('!', 'r', '!', 's')
  const failing = letters(() => of(turn()).pipe(map((job) => (job === '!' ? fail(network) : job))))
  const options = { scheduler, retry: { maxAttempts: 2 } }
  expect(recorded(scheduler, watchJob(failing, 'a', options))).toMatchObject({ completed: true })
})

/** A job that is read in that order: a text is the job, an error a failure. */
function reads(...steps: readonly [string | ApiError, ...ReadonlyArray<string | ApiError>]) {
  const scheduler = new VirtualTimeScheduler()
  const next = inTurn(...steps)
  const source = letters(() =>
    defer(() => {
      const step = next()
      return typeof step === 'string' ? of(step) : throwError(() => step)
    }),
  )
  return { scheduler, source }
}

test.each([undefined, {}, { when: undefined }])('retries as it does by default with { retry: %j }', (retry) => {
  const { scheduler, source } = reads(answered(503), network, 's')
  const options: object = { scheduler, retry }
  expect(recorded(scheduler, watchJob(source, 'a', options))).toMatchObject({ completed: true })
  const teapot = reads(answered(418), 's')
  const patient = { ...teapot.source, transient: (error: ApiError) => 'status' in error && error.status === 418 }
  const patiently: object = { scheduler: teapot.scheduler, retry }
  expect(recorded(teapot.scheduler, watchJob(patient, 'a', patiently))).toMatchObject({ completed: true })
})

const unfit = new DecodeError({ ...asked, issues: [] })

test.each([false, true])('a body that does not fit is retried after one that did; in a pool: %s', (isPooled) => {
  const { scheduler, source } = reads('r', unfit, network, unfit, 's')
  const used = isPooled ? pooled(source, { requestsPerMinute: 600, scheduler }) : source
  expect(recorded(scheduler, watchJob(used, 'a', { scheduler }))).toMatchObject({ completed: true })
})

test('three bodies in a row that do not fit end the watch; an answer begins the count anew', () => {
  const { scheduler, source } = reads('r', unfit, unfit, 'r', unfit, unfit, unfit, 's')
  const reported: Array<string> = []
  const onConnection = ({ state }: Connection): void => void reported.push(state)
  const { error } = recorded(scheduler, watchJob(source, 'a', { scheduler, onConnection }))
  expect(error).toMatchObject({ _tag: 'DecodeError', observedResponses: { running: 2, DecodeError: 4 } })
  expect(reported).toEqual(['open', 'retrying', 'retrying', 'open', 'retrying', 'retrying'])
})

test('a page that stands in for answers for a second is waited out, whatever the jitter', () => {
  const scheduler = new VirtualTimeScheduler()
  const odd = new DecodeError({ ...asked, issues: [] })
  const status = (): Observable<string> =>
    defer(() => {
      const now = scheduler.now()
      return now >= 2_000 && now < 3_000 ? throwError(() => odd) : of(now < 5_000 ? 'r' : 's')
    })
  const options = { scheduler, pollInterval: 500, random: () => 0 }
  expect(recorded(scheduler, watchJob(letters(status), 'a', options))).toMatchObject({ completed: true })
})

test('a 404 after an answer ends the watch, and says that the job was there before', () => {
  const { scheduler, source } = reads('r', answered(404))
  const { error } = recorded(scheduler, watchJob(source, 'a', { scheduler }))
  expect(String(error)).toBe(
    'HttpError: GET /jobs/a: 404 (the job was there before: was it deleted?) (after 1 × running, in 0.5 s) (last phase running)',
  )
})

test.each([false, true])('a 404 in the first 15 s of a submitted job is retried; in a pool: %s', (isPooled) => {
  const { scheduler, source } = reads(answered(404), answered(404), 'r', 's')
  const used = isPooled ? pooled(source, { requestsPerMinute: 600, scheduler }) : source
  const reported: Array<string> = []
  const onConnection = ({ state, error }: Connection): void => void reported.push(`${state} ${error?._tag ?? ''}`)
  const stream = of('a').pipe(thenWatch(used, { scheduler, onConnection }))
  expect(recorded(scheduler, stream)).toMatchObject({ completed: true })
  expect(reported).toEqual(['retrying HttpError', 'retrying HttpError', 'open '])
  const never = reads(answered(404))
  const { error, endedAt } = recorded(
    never.scheduler,
    of('a').pipe(thenWatch(never.source, { scheduler: never.scheduler, random: () => 0.5 })),
  )
  expect(error).toMatchObject({ status: 404 })
  expect(endedAt).toBeGreaterThanOrEqual(15_000)
})

test('a 404 between two answers of a job that was just submitted is retried, too', () => {
  const { scheduler, source } = reads('r', answered(404), 's')
  const { values, completed } = recorded(scheduler, of('a').pipe(thenWatch(source, { scheduler })))
  expect([values.map(({ job }) => job), completed]).toEqual([['r', 's'], true])
})

test('the clock set back by an hour stops neither reads nor the deadline; set forward counts for the deadline', () => {
  class SettableClock extends VirtualTimeScheduler {
    shift = 0
    override now = (): number => this.frame + this.shift
  }
  for (const [shift, latest] of [
    [-3_600_000, 120_000],
    [3_600_000, 20_000],
  ] as const) {
    const scheduler = new SettableClock()
    const times: Array<number> = []
    const source = letters(() => defer(() => (times.push(scheduler.frame), of('r'))))
    scheduler.schedule(() => (scheduler.shift = shift), 5_000)
    let endedAt = 0
    watchJob(source, 'a', { scheduler, pollInterval: 1_000, deadline: 60_000 }).subscribe({
      error: () => (endedAt = scheduler.frame),
    })
    scheduler.flush()
    expect(endedAt).toBeGreaterThanOrEqual(5_000)
    expect(endedAt).toBeLessThan(latest)
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2_000)
  }
})

/** A watch with a deadline of a minute, of a machine that sleeps for an hour from 5 s on. */
function sleeping(
  status: (slept: boolean, read: number, scheduler: SchedulerLike) => Observable<string>,
  more: WatchOptions<string, string> = {},
) {
  const scheduler = new SettableScheduler()
  const reads: Array<number> = []
  const source = letters(() => defer(() => status(scheduler.setBy > 0, reads.push(scheduler.frame) - 1, scheduler)))
  scheduler.schedule(() => (scheduler.setBy = 3_600_000), 5_000)
  const options = { scheduler, pollInterval: 2_000, deadline: 60_000, random: () => 0, ...more }
  const values: Array<string> = []
  let end: unknown
  watchJob(source, 'a', options).subscribe({
    next: ({ job }) => values.push(job),
    error: (error: unknown) => (end = [error, scheduler.frame]),
    complete: () => (end = ['complete', scheduler.frame]),
  })
  scheduler.flush()
  return { values, end, reads, actions: scheduler.actions.length }
}

test('a job that ended while the machine slept past the deadline is over, and not late', () => {
  expect(sleeping((slept) => of(slept ? 's' : 'r'))).toMatchObject({ values: ['r', 's'], end: ['complete', 6_000] })
})

test('a job that still runs after that is looked at before its deadline ends the stream, soon', () => {
  const { end, reads } = sleeping(() => of('r'))
  expect(end).toMatchObject([{ _tag: 'DeadlineError', lastPhase: 'running' }, 6_000])
  expect(reads.filter((at) => at > 5_000)).toEqual([6_000, 6_000])
})

test('an answer that was under way while the process was stopped is not taken for such a look', () => {
  // The read at 4 s is answered at 5.1 s, with what was so when it was sent.
  const { end } = sleeping((slept, read, clock) => of(slept ? 's' : 'r').pipe(delay(read === 2 ? 1_100 : 0, clock)))
  expect(end).toEqual(['complete', 5_100])
})

test('a service that does not answer after that ends the stream half a minute after its deadline was noticed; failures do not', () => {
  // The timer of the deadline does not know that the machine slept.
  expect(sleeping((slept) => (slept ? NEVER : of('r'))).end).toMatchObject([{ _tag: 'DeadlineError' }, 90_000])
  const failing = (slept: boolean): Observable<string> => (slept ? throwError(() => answered(503)) : of('r'))
  const { end, reads, actions } = sleeping(failing, { random: () => 1 })
  expect(end).toMatchObject([{ _tag: 'DeadlineError' }, 36_000])
  expect(reads.length).toBeGreaterThan(6)
  expect(actions).toBe(0)
})

test('a deadline that passes while the process runs ends the stream at once, without another look', () => {
  expect(sleeping(() => of('r'), { deadline: 4_500 }).end).toMatchObject([{ _tag: 'DeadlineError' }, 4_500])
})

function fail(error: ApiError): never {
  throw error
}

test.each<[what: string, error: ApiError]>([
  ...[400, 401, 403, 404, 501].map((status): [string, ApiError] => [`${status}`, answered(status)]),
  ['what does not fit', new DecodeError({ ...asked, issues: [] })],
])('%s ends it at once, except where the source says that it passes', (_, error) => {
  const ended = watched(error, 1)
  expect([ended.error, ended.endedAt, ended.reads]).toEqual([error, 0, [0]])
  expect(watched(error, 1, 20, () => true)).toMatchObject({ completed: true, error: undefined })
  expect(watched(error, 1, 20, () => false)).toMatchObject({ completed: false, error })
})

test('a defect of the source is not retried and comes out as it is', () => {
  const scheduler = new VirtualTimeScheduler()
  const defect = new Error('a slip')
  const status = vi.fn(() => throwError(() => defect))
  const source = letters(() => NEVER, { status })
  const stream = watchJob(source, 'a', { scheduler })
  expect(recorded(scheduler, stream).error).toBe(defect)
  expect(status).toHaveBeenCalledTimes(1)
})

test('a deadline ends the watch with the last status; the request is aborted', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
    const reads = [cold('-q'), cold('-r'), cold('-----r')]
    let read = 0
    const source = letters(() => reads[read++] ?? NEVER)
    const stream = watchJob(source, 'a', { scheduler, pollInterval: 10, deadline: 25 })
    const last = { _tag: 'Status', ref: 'a', job: 'r', phase: 'running' } as const
    const observedResponses = { queued: 1, running: 1 }
    const statuses = { q: { ...last, job: 'q', phase: 'queued' }, r: last }
    expectObservable(stream).toBe(
      '-q 10ms r 12ms #',
      statuses,
      new DeadlineError({ ...asked, deadline: 25, last, observedResponses, elapsed: 25, lastPhase: 'running' }),
    )
    expectSubscriptions(reads[2]?.subscriptions ?? []).toBe('22ms ^--!')
  })
  const scheduler = new VirtualTimeScheduler()
  const { error } = recorded(
    scheduler,
    watchJob(
      letters(() => NEVER),
      'a',
      { scheduler, deadline: 25 },
    ),
  )
  expect(error).toMatchObject({ _tag: 'DeadlineError', deadline: 25, last: undefined, path: '/jobs/a' })
})

test('a deadline holds for a source that watches by itself, and for a wait', () => {
  const scheduler = new VirtualTimeScheduler()
  const source = letters(() => NEVER, { watch: () => of({ job: 's', phase: 'succeeded' as const }) })
  expect(recorded(scheduler, watchJob(source, 'a', { scheduler, deadline: 25 }))).toMatchObject({ completed: true })
  const stuck = letters(() => NEVER, { watch: () => NEVER })
  expect(recorded(scheduler, watchJob(stuck, 'a', { scheduler, deadline: 25 }))).toMatchObject({
    error: { _tag: 'DeadlineError' },
  })
  const waiting = letters(() => throwError(() => answered(503, 60_000)))
  const late = new VirtualTimeScheduler()
  expect(recorded(late, watchJob(waiting, 'a', { scheduler: late, deadline: 25 }))).toMatchObject({ endedAt: 25 })
})
