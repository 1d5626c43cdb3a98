import {
  asyncScheduler,
  BehaviorSubject,
  concat,
  EMPTY,
  map,
  NEVER,
  of,
  range,
  Subject,
  take,
  tap,
  throwError,
  VirtualTimeScheduler,
} from 'rxjs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { TimeoutError } from '../../src/core/errors/index.ts'
import { type Patience, receive } from '../../src/core/receive.ts'
import type { Chunk, Head, Headers, HttpRequest, Transport } from '../../src/core/transport.ts'
import { type Outcome, outcomeNow, watch } from './support/outcome.ts'
import { SettableScheduler } from './support/settable-scheduler.ts'

const asked = { method: 'GET', path: '/a' }
const chunk = (size: number): Chunk => ({ bytes: new Uint8Array(size) })
const head = (headers: Headers = [], status = 200): Head => ({ status, headers })
const length = (bytes: number): Headers => [['Content-Length', String(bytes)]]
const whole = { whole: 1_000, idle: 100 }
const streamed = { whole: Infinity, idle: 100 }
const open = { whole: Infinity, idle: Infinity }

interface Run {
  readonly scheduler: VirtualTimeScheduler
  readonly source: Subject<Head | Chunk>
  /** Does something when so much time has passed. */
  readonly at: (ms: number, step: () => void) => void
  /** What has come by then. */
  readonly by: (ms: number) => Outcome<Head | Chunk>
}

function run(body: ReturnType<Patience['body']>, more: Partial<HttpRequest> = {}, timeout = 1_000): Run {
  const scheduler = new VirtualTimeScheduler()
  const source = new Subject<Head | Chunk>()
  const request = { method: 'GET', url: 'https://example.com/a', headers: [], ...more }
  const outcome = watch(
    receive(
      () => source,
      request,
      asked,
      { timeout, idle: body.idle, scheduler, body: () => body },
      (text) => text,
    ),
  )
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
const now = (transport: Transport, clean = (text: string): string => text): Outcome<Head | Chunk> => {
  const patience = { timeout: 1_000, idle: whole.idle, scheduler: new VirtualTimeScheduler(), body: () => whole }
  return outcomeNow(receive(transport, { method: 'GET', url: '', headers: [] }, asked, patience, clean))
}

test('no answer within the timeout', () => {
  const { by, scheduler, source } = run(whole)
  expect(by(999).error).toBeUndefined()
  expect(by(1_000).error).toEqual(new TimeoutError({ ...asked, after: 1_000, waitingFor: 'answer' }))
  expect([scheduler.actions, source.observed]).toEqual([[], false])
})

test('a whole answer must be there within its time, however it trickles', () => {
  const { at, by, source } = run(whole)
  at(10, () => source.next(head()))
  for (let ms = 60; ms < 2_000; ms += 60) at(ms, () => source.next(chunk(1)))
  expect(by(999).error).toBeUndefined()
  expect(by(1_000).error).toEqual(new TimeoutError({ ...asked, after: 1_000, waitingFor: 'answer' }))
})

test('of a stream only the head must be there, and then a piece now and then', () => {
  const { at, by, source } = run(streamed)
  at(999, () => source.next(head()))
  for (let ms = 1_090; ms <= 5_000; ms += 90) at(ms, () => source.next(chunk(1)))
  expect(by(5_000)).not.toHaveProperty('error')
  const last = 1_090 + 90 * 43
  expect(by(last + 99)).not.toHaveProperty('error')
  expect(by(last + 100).error).toEqual(new TimeoutError({ ...asked, after: 100, waitingFor: 'body' }))
})

test('one timer does for head and body', () => {
  const { at, by, source, scheduler } = run(whole)
  const timers = vi.spyOn(scheduler, 'schedule')
  at(10, () => source.next(head()))
  for (let ms = 20; ms <= 90; ms += 10) at(ms, () => source.next(chunk(1)))
  at(95, () => source.complete())
  timers.mockClear()
  expect(by(1_000).completed).toBe(true)
  expect(timers).not.toHaveBeenCalled()
  expect(scheduler.frame).toBe(95)
})

test('an open connection may be silent for ever, with no timer at all', () => {
  const { at, by, source, scheduler } = run(open)
  at(999, () => source.next(head()))
  expect(by(1e9)).toEqual({ values: [head()], completed: false })
  expect(scheduler.actions).toEqual([])
})

test.each([
  ['ends', 'ended', (source: Subject<Head | Chunk>) => source.complete()],
  ['falls silent', 'stopped', () => undefined],
])('a body that %s before its length is cut off', (_, word, end) => {
  const { at, by, source } = run(whole)
  at(5, () => source.next(head(length(10))))
  at(10, () => source.next(chunk(7)))
  at(20, () => end(source))
  expect(by(110).error).toMatchObject({
    _tag: 'NetworkError',
    cause: { message: `the body ${word} after 7 of 10 bytes` },
  })
})

test.each<[string, Head, number]>([
  ['as long as it says', head(length(3)), 3],
  ['longer than it says', head(length(3)), 4],
  ['whose length is of the compressed', head([...length(30), ['content-encoding', 'gzip']]), 3],
  ['of a 204', head(length(3), 204), 0],
  ['whose length is no number', head([['content-length', '3, 3']]), 1],
])('a body %s is whole', (_, start, size) => {
  expect(now(() => of(start, chunk(size)))).toEqual({ values: [start, chunk(size)], completed: true })
})

test('a connection that ends without an answer', () => {
  expect(now(() => EMPTY).error).toMatchObject({ _tag: 'NetworkError', message: /without an answer/ })
})

test.each<[string, Transport]>([
  ['emits an error', () => throwError(() => new Error('no key'))],
  [
    'emits one in the middle',
    () =>
      concat(
        of(head()),
        throwError(() => new Error('no key')),
      ),
  ],
  [
    'throws',
    () => {
      throw new Error('no key')
    },
  ],
])('a transport that %s is a NetworkError in clean words', (_, transport) => {
  const { error } = now(transport, (text) => text.replace('key', '***'))
  expect(error).toMatchObject({ _tag: 'NetworkError', ...asked, cause: { name: 'Error', message: 'no ***' } })
})

test('a transport whose head has no headers is a NetworkError, and not a call without an end', () => {
  // As one that JavaScript wrote, or a JSON file, may be.
  const bare = JSON.parse('{"status":200}') as Head
  const { error, completed } = now(() => of(bare, chunk(1)))
  expect([error, completed]).toMatchObject([{ _tag: 'NetworkError', ...asked }, false])
})

test('who leaves stops a transport that gives everything at once', () => {
  let pulled = 0
  const endless: Transport = () =>
    concat(
      of(head()),
      range(1, 1_000).pipe(
        tap((count) => (pulled = count)),
        map(() => chunk(1)),
      ),
    )
  const patience = { timeout: 1_000, idle: whole.idle, scheduler: new VirtualTimeScheduler(), body: () => whole }
  const parts = receive(endless, { method: 'GET', url: '', headers: [] }, asked, patience, (text) => text)
  expect(outcomeNow(parts.pipe(take(3))).completed).toBe(true)
  expect(pulled).toBe(2)
  expect(patience.scheduler.actions).toEqual([])
})

test('an error that is ours already stays as it is', () => {
  const ours = new TimeoutError({ ...asked, after: 1, waitingFor: 'body' })
  expect(now(() => throwError(() => ours)).error).toBe(ours)
})

test.each([-3_600_000, 20])(
  'a clock that is set by %i ms in the meantime moves no timeout beyond twice its time',
  (setBy) => {
    const scheduler = new SettableScheduler()
    const request = { method: 'GET', url: '', headers: [] }
    const errors: Array<unknown> = []
    for (const transport of [() => NEVER, () => concat(of(head()), NEVER)]) {
      const patience = { timeout: 1_000, idle: whole.idle, scheduler, body: () => whole }
      const parts = receive(transport, request, asked, patience, (text) => text)
      parts.subscribe({ error: (error: unknown) => errors.push(error) })
    }
    scheduler.schedule(() => (scheduler.setBy = setBy), 50)
    scheduler.maxFrames = 2_000
    scheduler.flush()
    expect(errors).toMatchObject([{ after: 100 }, { after: 1_000 }])
  },
)

test('while the reader holds back no clock runs, and no timer', () => {
  const ready = new BehaviorSubject(true)
  const { at, by, source, scheduler } = run(streamed, { ready })
  at(10, () => source.next(head()))
  at(50, () => ready.next(false))
  at(100_000, () => ready.next(true))
  expect(by(99_999)).not.toHaveProperty('error')
  expect(scheduler.actions).toHaveLength(1)
  expect(by(100_099)).not.toHaveProperty('error')
  expect(by(100_100).error).toMatchObject({ _tag: 'TimeoutError', after: 100 })
  expect(ready.observed).toBe(false)
})

test.each([streamed, open])('before the head holding back is no excuse for the service', (body) => {
  const ready = new BehaviorSubject(false)
  const { at, by, scheduler } = run(body, { ready })
  at(500, () => expect(scheduler.actions.length).toBeLessThanOrEqual(2))
  expect(by(1_000).error).toMatchObject({ _tag: 'TimeoutError', waitingFor: 'answer' })
})

test('a wait longer than a timer can hold is waited in parts', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const timers = vi.spyOn(globalThis, 'setInterval')
  const month = 30 * 86_400_000
  const patience = { timeout: month, idle: Infinity, scheduler: asyncScheduler, body: () => open }
  const outcome = watch(
    receive(
      () => NEVER,
      { method: 'GET', url: '', headers: [] },
      asked,
      patience,
      (text) => text,
    ),
  )
  vi.advanceTimersByTime(1_000)
  expect(timers.mock.calls.map(([, wait]) => wait)).toEqual([2 ** 31 - 1])
  vi.advanceTimersByTime(month - 1_001)
  expect(outcome()).not.toHaveProperty('error')
  vi.advanceTimersByTime(1)
  expect(outcome().error).toMatchObject({ _tag: 'TimeoutError', after: month })
  expect(vi.getTimerCount()).toBe(0)
})

test('leaving stops the clock and leaves the transport and the pace', () => {
  const ready = new BehaviorSubject(true)
  const scheduler = new VirtualTimeScheduler()
  const source = new Subject<Head | Chunk>()
  const request = { method: 'GET', url: '', headers: [], ready }
  const subscription = receive(
    () => source,
    request,
    asked,
    { timeout: 5, idle: whole.idle, scheduler, body: () => whole },
    (text) => text,
  ).subscribe()
  source.next(head())
  expect(scheduler.actions).not.toEqual([])
  subscription.unsubscribe()
  expect([scheduler.actions, source.observed, ready.observed]).toEqual([[], false, false])
})
