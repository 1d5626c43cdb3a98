import {
  concat,
  defer,
  EMPTY,
  finalize,
  lastValueFrom,
  map,
  NEVER,
  type Observable,
  of,
  throwError,
  timer,
  VirtualTimeScheduler,
} from 'rxjs'
import { cancelJob, type Connection, followJob, HttpError, NetworkError, type WatchOptions, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { answered, inTurn, type Letters, letters, marbles, recorded } from './support/letters.ts'

const asked = { method: 'DELETE', path: '/jobs/a' }

/** A job that runs until it is cancelled, and ends 25 ms after the order was taken. An order takes 5 ms. */
function killable(clock: VirtualTimeScheduler, ordering: ReadonlyArray<Observable<never>> = []) {
  const seen = { orders: 0, inFlight: 0, reads: [] as Array<number> }
  let takenAt = Infinity
  const order = (): Observable<void> =>
    defer(() => {
      const failing = ordering[seen.orders++]
      seen.inFlight++
      const answer = failing ?? defer(() => ((takenAt = clock.now()), EMPTY))
      return concat(timer(5, clock).pipe(map(() => undefined)), answer).pipe(finalize(() => seen.inFlight--))
    })
  const status = (): Observable<string> =>
    defer(() => {
      seen.reads.push(clock.now())
      return of(clock.now() >= takenAt + 25 ? 'f143' : 'r')
    })
  const source: Letters = letters(status, { cancel: order, scheduler: clock })
  return { source, seen }
}

const pollInterval = 10
const jobs = (stream: Observable<{ readonly job: string }>): Observable<string> => stream.pipe(map(({ job }) => job))

test('cancelOn asks for the end and goes on to it; the job is read when the order was taken', () => {
  const clock = new VirtualTimeScheduler()
  const { source, seen } = killable(clock)
  const reported = recorded(clock, jobs(watchJob(source, 'a', { pollInterval, cancelOn: timer(12, clock) })))
  expect(reported).toMatchObject({ values: ['r', 'f143'], completed: true, endedAt: 47 })
  // 17 is when the order was taken; without it the third read were at 20.
  expect([seen.orders, seen.reads]).toEqual([1, [0, 10, 17, 27, 37, 47]])
})

test.each<[what: string, cancelOn: (clock: VirtualTimeScheduler) => Observable<unknown>, orders: number]>([
  ['that emits again and again is taken once', (clock) => timer(1, 3, clock), 1],
  ['that completes without a word changes nothing', () => EMPTY, 0],
  ['that never comes changes nothing', () => NEVER, 0],
])('a cancelOn %s', (_, cancelOn, orders) => {
  const clock = new VirtualTimeScheduler()
  const { source, seen } = killable(clock)
  const job = inTurn('r', 'r', 'r', 'r', 's')
  const ending: Letters = { ...source, status: letters(() => defer(() => of(job()))).status }
  const reported = recorded(clock, watchJob(ending, 'a', { pollInterval, cancelOn: cancelOn(clock) }))
  expect([reported.completed, seen.orders, seen.inFlight, clock.actions]).toEqual([true, orders, 0, []])
})

test('an order that fails in passing is repeated and reported; one that is refused is the error of the stream', () => {
  const clock = new VirtualTimeScheduler()
  const reset = throwError(() => new NetworkError({ ...asked, cause: 'reset' }))
  const connections: Array<Connection> = []
  const { source, seen } = killable(clock, [reset, reset])
  const options: WatchOptions<string> = { pollInterval, onConnection: (connection) => connections.push(connection) }
  expect(recorded(clock, watchJob(source, 'a', { ...options, cancelOn: of(1) })).completed).toBe(true)
  expect(seen.orders).toBe(3)
  const cancels = connections.filter(({ channel }) => channel === 'cancel')
  expect(cancels.map(({ state, attempt }) => `${state} ${attempt}`)).toEqual(['retrying 1', 'retrying 2', 'open 0'])

  const later = new VirtualTimeScheduler()
  const forbidden = new HttpError({ ...asked, status: 403 })
  const refused = killable(later, [throwError(() => forbidden)])
  const reported = recorded(later, watchJob(refused.source, 'a', { ...options, cancelOn: timer(12, later) }))
  expect(reported.error).toMatchObject({
    _tag: 'HttpError',
    status: 403,
    observedResponses: { running: 2, 'cancel: HttpError 403': 1 },
  })
  expect(connections.at(-1)).toMatchObject({ channel: 'cancel', state: 'fallback', error: forbidden })
  expect(later.actions).toEqual([])
})

test('a stream that is left before the job is over has it cancelled, and that request outlives it', () => {
  const clock = new VirtualTimeScheduler()
  const { source, seen } = killable(clock, [throwError(() => answered(503, 400))])
  const subscription = watchJob(source, 'a', { pollInterval, random: () => 0, cancelOnUnsubscribe: true }).subscribe()
  clock.schedule(() => subscription.unsubscribe(), 15)
  clock.flush()
  // Sent at 15, failed at 20, sent again at 420, accepted at 425.
  expect([seen.reads, seen.orders, seen.inFlight, clock.now()]).toEqual([[0, 10], 2, 0, 425])
})

test('an order may be a promise, as JavaScript gives it', async () => {
  let status = 'r'
  const killed = { ...letters(() => of(status)), cancel: () => Promise.resolve().then(() => void (status = 's')) }
  // @ts-expect-error its types do not allow it
  const stream = cancelJob(killed, 'a', { pollInterval: 0 })
  expect(await lastValueFrom(stream)).toMatchObject({ phase: 'succeeded' })
})

test('left before the first answer, it is cancelled as well', () => {
  const clock = new VirtualTimeScheduler()
  const { source, seen } = killable(clock)
  const stuck: Letters = { ...source, status: () => NEVER }
  watchJob(stuck, 'a', { cancelOnUnsubscribe: true }).subscribe().unsubscribe()
  expect(seen.orders).toBe(1)
})

test('the deadline and an error leave it, too; what comes of it then is reported to onConnection alone', () => {
  const clock = new VirtualTimeScheduler()
  const late = killable(clock)
  const bounded = watchJob(late.source, 'a', { pollInterval, deadline: 15, cancelOnUnsubscribe: true })
  expect(recorded(clock, bounded)).toMatchObject({ error: { _tag: 'DeadlineError' }, endedAt: 15 })
  expect(late.seen.orders).toBe(1)

  const gone = killable(clock, [throwError(() => answered(404))])
  const connections: Array<Connection> = []
  const failing: Letters = { ...gone.source, status: () => throwError(() => answered(404)) }
  const stream = watchJob(failing, 'a', {
    cancelOnUnsubscribe: true,
    onConnection: (reported) => connections.push(reported),
  })
  expect(recorded(clock, stream).error).toMatchObject({ status: 404 })
  expect([gone.seen.orders, connections]).toMatchObject([
    1,
    [{ ref: 'a', channel: 'cancel', state: 'fallback', attempt: 1 }],
  ])
})

test('a job that is over is not cancelled, whoever leaves then', () => {
  const clock = new VirtualTimeScheduler()
  const { source, seen } = killable(clock)
  const over: Letters = { ...source, status: (ref) => letters(() => of('s')).status(ref) }
  expect(recorded(clock, watchJob(over, 'a', { cancelOnUnsubscribe: true })).completed).toBe(true)
  expect(recorded(clock, followJob(over, 'a', { cancelOnUnsubscribe: true })).completed).toBe(true)
  expect(seen.orders).toBe(0)
})

test('a source that watches by itself is cancelled just the same', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
    const watched = cold('r--r--f|')
    const order = cold<never>('-|')
    const source = letters(() => NEVER, {
      watch: () => watched.pipe(map((job) => ({ job, phase: job === 'f' ? 'failed' : 'running' }))),
      cancel: () => order,
    })
    const cancelOn = cold('--x')
    expectObservable(jobs(watchJob(source, 'a', { scheduler, cancelOn }))).toBe('r-----(f|)')
    expectSubscriptions(order.subscriptions).toBe('--^!')
    expectSubscriptions(cancelOn.subscriptions).toBe('^-!')
  })
})

test('a service that cannot cancel is refused at the call', () => {
  const plain = letters(() => of('s'))
  expect(() => watchJob(plain, 'a', { cancelOn: NEVER })).toThrow(/^watchJob: this source cannot cancel a job/)
  expect(() => followJob(plain, 'a', { cancelOnUnsubscribe: true })).toThrow(/^followJob: this source cannot cancel/)
  expect(() => watchJob(plain, 'a', { cancelOnUnsubscribe: false })).not.toThrow()
})
