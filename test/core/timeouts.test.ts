import {
  asyncScheduler,
  BehaviorSubject,
  concat,
  EMPTY,
  map,
  NEVER,
  type Observable,
  of,
  range,
  Subject,
  take,
  tap,
  throwError,
  VirtualTimeScheduler,
} from 'rxjs'
import { expect, onTestFinished, test, vi } from 'vitest'
import {
  accessToken,
  type CallOptions,
  type Chunk,
  client,
  elapsed,
  type Head,
  type Headers,
  RequestTimeoutError,
  type Transport,
  withDemand,
} from '../../src/core/index.ts'
import { type Outcome, outcomeNow, watch } from './support/outcome.ts'
import { SettableScheduler } from './support/schedulers.ts'
import { downloadThing, getThing, tailThings } from './support/things.ts'

const description = { method: 'GET', origin: 'https://api.example.com' }
const chunk = (size: number): Chunk => ({ bytes: new TextEncoder().encode(' '.repeat(size)) })
const json = (text: string): Chunk => ({ bytes: new TextEncoder().encode(text) })
const head = (headers: Headers = [], status = 200): Head => ({ status, headers })
const length = (bytes: number): Headers => [['Content-Length', String(bytes)]]
const limits = { timeout: 1_000, idleTimeout: 100 }

/** The three kinds of body: read as a whole, streamed, an open connection. */
const kinds = { whole: getThing, streamed: downloadThing, open: tailThings } as const

function callOf(
  kind: keyof typeof kinds,
  transport: Transport,
  options: CallOptions & { readonly scheduler?: VirtualTimeScheduler } = limits,
): Observable<unknown> {
  const { scheduler = new VirtualTimeScheduler(), ...times } = options
  const auth = accessToken('a-token')
  const api = client({ baseUrl: 'https://api.example.com', auth, transport, scheduler, retry: false, ...times })
  return api.run<{ readonly id: string }, unknown>(kinds[kind], { id: 'a' })
}

interface Run {
  readonly scheduler: VirtualTimeScheduler
  readonly source: Subject<Head | Chunk>
  /** Does something when so much time has passed. */
  readonly at: (ms: number, step: () => void) => void
  /** What has come by then. */
  readonly by: (ms: number) => Outcome<unknown>
}

function run(kind: keyof typeof kinds, demand?: Observable<boolean>): Run {
  const scheduler = new VirtualTimeScheduler()
  const source = new Subject<Head | Chunk>()
  const call = callOf(kind, () => source, { ...limits, scheduler })
  const outcome = watch(demand ? withDemand(call, demand) : call)
  return {
    scheduler,
    source,
    at: (ms, step) => void scheduler.schedule(step, ms),
    by: (ms) => {
      scheduler.maxFrames = ms
      scheduler.flush()
      return outcome()
    },
  }
}

/** What comes of a transport that answers at once. */
const now = (transport: Transport, kind: keyof typeof kinds = 'streamed'): Outcome<unknown> =>
  outcomeNow(callOf(kind, transport))

test('no response within the timeout', () => {
  const { by, scheduler, source } = run('whole')
  expect(by(999).error).toBeUndefined()
  expect(by(1_000).error).toEqual(
    new RequestTimeoutError({ ...description, path: '/things/a', after: 1_000, waitingFor: 'response' }),
  )
  expect([scheduler.actions, source.observed]).toEqual([[], false])
})

test('a whole response must be there within the timeout, however it trickles', () => {
  const { at, by, source } = run('whole')
  at(10, () => source.next(head()))
  for (let ms = 60; ms < 2_000; ms += 60) at(ms, () => source.next(chunk(1)))
  expect(by(999).error).toBeUndefined()
  expect(by(1_000).error).toMatchObject({ _tag: 'RequestTimeoutError', after: 1_000, waitingFor: 'response' })
})

test('of a stream only the head must be there within the timeout, then a piece within each idle timeout', () => {
  const { at, by, source } = run('streamed')
  at(999, () => source.next(head()))
  for (let ms = 1_090; ms <= 5_000; ms += 90) at(ms, () => source.next(chunk(1)))
  expect(by(5_000)).not.toHaveProperty('error')
  const last = 1_090 + 90 * 43
  expect(by(last + 99)).not.toHaveProperty('error')
  expect(by(last + 100).error).toMatchObject({ _tag: 'RequestTimeoutError', after: 100, waitingFor: 'body' })
})

test('one timer does for head and body', () => {
  const { at, by, source, scheduler } = run('whole')
  const timers = vi.spyOn(scheduler, 'schedule')
  at(10, () => source.next(head()))
  at(20, () => source.next(json('{"id":')))
  at(90, () => source.next(json('"a"}')))
  at(95, () => source.complete())
  timers.mockClear()
  expect(by(1_000).completed).toBe(true)
  expect(timers).not.toHaveBeenCalled()
  expect(scheduler.frame).toBe(95)
})

test('an open connection may be silent for ever, with no timer at all, unless the call says otherwise', () => {
  const { at, by, source, scheduler } = run('open')
  at(999, () => source.next(head()))
  expect(by(1e9)).toEqual({ values: [], completed: false })
  expect(scheduler.actions).toEqual([])

  const watched = new VirtualTimeScheduler()
  const api = client({
    ...{ baseUrl: 'https://api.example.com', auth: accessToken('t'), retry: false, scheduler: watched },
    transport: () => concat(of(head()), NEVER),
  })
  const outcome = watch(api.run(tailThings, { id: 'a' }, { idleTimeout: 50 }))
  watched.flush()
  expect(outcome().error).toMatchObject({ _tag: 'RequestTimeoutError', after: 50 })
})

test.each([
  ['ends', 'ended', (source: Subject<Head | Chunk>) => source.complete()],
  ['falls silent', 'stopped', () => undefined],
])('a body that %s before its length is cut off', (_, word, end) => {
  for (const kind of ['whole', 'streamed', 'open'] as const) {
    const { at, by, source } = run(kind)
    at(5, () => source.next(head(length(10))))
    at(10, () => source.next(chunk(7)))
    at(20, () => end(source))
    expect(by(110).error).toMatchObject({
      ...{ _tag: 'NetworkError', cause: { message: `the body ${word} after 7 of 10 bytes` } },
    })
  }
})

test.each<[string, Head, number]>([
  ['as long as it says', head(length(3)), 3],
  ['longer than it says', head(length(3)), 4],
  ['whose length is of the compressed', head([...length(30), ['content-encoding', 'gzip']]), 3],
  ['of a 204', head(length(3), 204), 0],
  ['whose length is no number', head([['content-length', '3, 3']]), 1],
])('a body %s is whole', (_, start, size) => {
  expect(now(() => of(start, chunk(size)))).toEqual({ values: [chunk(size).bytes], completed: true })
})

test('a connection that ends without a response', () => {
  expect(now(() => EMPTY).error).toMatchObject({ _tag: 'NetworkError', message: /without a response/ })
})

test.each<[string, Transport]>([
  ['emits an error', () => throwError(() => new Error('no a-token'))],
  [
    'emits one in the middle',
    () =>
      concat(
        of(head()),
        throwError(() => new Error('no a-token')),
      ),
  ],
  [
    'throws',
    () => {
      throw new Error('no a-token')
    },
  ],
])('a transport that %s makes a NetworkError without the key', (_, transport) => {
  expect(now(transport).error).toMatchObject({ _tag: 'NetworkError', cause: { name: 'Error', message: 'no [secret]' } })
})

test('a transport whose head has no headers makes an error, and not a call without an end', () => {
  // As one that JavaScript wrote, or a JSON file, may be.
  const bare = JSON.parse('{"status":200}') as Head
  for (const kind of ['whole', 'streamed', 'open'] as const) {
    expect(now(() => of(bare, chunk(1)), kind).error).toMatchObject({
      method: 'GET',
      path: expect.any(String) as string,
    })
  }
})

test('an error of this package from a transport stays as it is', () => {
  const ours = new RequestTimeoutError({ ...description, path: '/a', after: 1, waitingFor: 'body' })
  expect(now(() => throwError(() => ours)).error).toBe(ours)
})

test('unsubscribing stops a transport that emits all at once', () => {
  let pulled = 0
  const scheduler = new VirtualTimeScheduler()
  const endless: Transport = () =>
    concat(
      of(head()),
      range(1, 1_000).pipe(
        tap((count) => (pulled = count)),
        map(() => chunk(1)),
      ),
    )
  expect(outcomeNow(callOf('streamed', endless, { ...limits, scheduler }).pipe(take(2))).completed).toBe(true)
  expect([pulled, scheduler.actions]).toEqual([2, []])
})

test('unsubscribing stops the timer and unsubscribes from transport and demand', () => {
  const demand = new BehaviorSubject(true)
  const scheduler = new VirtualTimeScheduler()
  const source = new Subject<Head | Chunk>()
  const subscription = withDemand(
    callOf('streamed', () => source, { ...limits, scheduler }),
    demand,
  ).subscribe()
  source.next(head())
  expect(scheduler.actions).not.toEqual([])
  subscription.unsubscribe()
  expect([scheduler.actions, source.observed, demand.observed]).toEqual([[], false, false])
})

test.each([-3_600_000, 20])(
  'a clock that is set by %i ms meanwhile moves no timeout beyond twice its time',
  (setBy) => {
    const scheduler = new SettableScheduler()
    const errors: Array<unknown> = []
    for (const transport of [() => NEVER, () => concat(of(head()), NEVER)]) {
      callOf('streamed', transport, { ...limits, scheduler }).subscribe({
        error: (error: unknown) => errors.push(error),
      })
    }
    scheduler.schedule(() => (scheduler.setBy = setBy), 50)
    scheduler.maxFrames = 2_000
    scheduler.flush()
    expect(errors).toMatchObject([{ after: 100 }, { after: 1_000 }])
  },
)

test('elapsed time never goes back, and counts what a clock that is set forward says', () => {
  const scheduler = new SettableScheduler()
  scheduler.setBy = 1_000_000
  const passed = elapsed(scheduler)
  const told = [1_000_000, 1_000_500, 1_000_400, 1_000_450, 0, 10].map((time) => {
    scheduler.setBy = time
    return passed()
  })
  expect(told).toEqual([0, 500, 500, 550, 550, 560])
})

test('a response that arrived while the process was stopped is read before the timeout is judged', () => {
  const scheduler = new SettableScheduler()
  const source = new Subject<Head | Chunk>()
  const outcome = watch(callOf('whole', () => source, { ...limits, scheduler }))
  // The process is stopped for a minute: its timers fire late, and what is in the socket is read after them.
  scheduler.schedule(() => (scheduler.setBy = 60_000), 50)
  scheduler.schedule(() => source.next(head()), 600)
  scheduler.schedule(() => source.next(json('{"id":"a"}')), 610)
  scheduler.schedule(() => source.complete(), 620)
  scheduler.maxFrames = 5_000
  scheduler.flush()
  expect(outcome()).toEqual({ values: [{ id: 'a' }], completed: true })
})

test('where nothing arrived, a late timer is a timeout all the same', () => {
  const scheduler = new SettableScheduler()
  const outcome = watch(callOf('whole', () => NEVER, { ...limits, scheduler }))
  scheduler.schedule(() => (scheduler.setBy = 60_000), 50)
  scheduler.maxFrames = 5_000
  scheduler.flush()
  expect(outcome().error).toMatchObject({ _tag: 'RequestTimeoutError', after: 1_000 })
})

test('while the consumer holds back no clock runs, and no timer', () => {
  const demand = new BehaviorSubject(true)
  const { at, by, source, scheduler } = run('streamed', demand)
  at(10, () => source.next(head()))
  at(50, () => demand.next(false))
  at(100_000, () => demand.next(true))
  expect(by(99_999)).not.toHaveProperty('error')
  expect(scheduler.actions).toHaveLength(1)
  expect(by(100_099)).not.toHaveProperty('error')
  expect(by(100_100).error).toMatchObject({ _tag: 'RequestTimeoutError', after: 100 })
  expect(demand.observed).toBe(false)
})

test.each(['streamed', 'open'] as const)('before the head, holding back is no excuse for the service: %s', (kind) => {
  const { by } = run(kind, new BehaviorSubject(false))
  expect(by(1_000).error).toMatchObject({ _tag: 'RequestTimeoutError', waitingFor: 'response' })
})

test('a wait longer than a timer can hold is waited in parts', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const timers = vi.spyOn(globalThis, 'setInterval')
  const month = 30 * 86_400_000
  const api = client({
    ...{ baseUrl: 'https://api.example.com', auth: accessToken('t'), retry: false, scheduler: asyncScheduler },
    ...{ timeout: month, idleTimeout: Infinity, transport: () => NEVER },
  })
  const outcome = watch(api.run(getThing, { id: 'a' }))
  vi.advanceTimersByTime(1_000)
  expect(timers.mock.calls.map(([, wait]) => wait)).toEqual([2 ** 31 - 1])
  vi.advanceTimersByTime(month - 1_001)
  expect(outcome()).not.toHaveProperty('error')
  vi.advanceTimersByTime(1)
  expect(outcome().error).toMatchObject({ _tag: 'RequestTimeoutError', after: month })
  expect(vi.getTimerCount()).toBe(0)
})

test('what arrived while the process was stopped is read before the timeout is judged, also where its timer is first', () => {
  const scheduler = new SettableScheduler()
  const source = new Subject<Head | Chunk>()
  const options = { timeout: 1_000, idleTimeout: 10_000, scheduler }
  const outcome = watch(callOf('whole', () => source, options))
  // The process stands still from 50 ms on, and longer than the timeout: its timer fires before what is in the socket is read.
  scheduler.schedule(() => (scheduler.setBy = 800), 50)
  scheduler.schedule(() => source.next(head()), 1_001)
  scheduler.schedule(() => source.next(json('{"id":"a"}')), 1_010)
  scheduler.schedule(() => source.complete(), 1_020)
  scheduler.maxFrames = 5_000
  scheduler.flush()
  expect(outcome()).toEqual({ values: [{ id: 'a' }], completed: true })
})

test('an error after retries tells how long all attempts took, the first one and its timeout among them', () => {
  const scheduler = new VirtualTimeScheduler()
  const seen: Array<unknown> = []
  const options = { ...limits, retry: { maxAttempts: 2 }, scheduler }
  callOf('whole', () => NEVER, options).subscribe({ error: (error: unknown) => seen.push(error) })
  scheduler.flush()
  expect(seen).toMatchObject([{ observedResponses: { RequestTimeoutError: 1 }, elapsed: scheduler.now() }])
  expect(scheduler.now()).toBeGreaterThanOrEqual(2_250)
})
