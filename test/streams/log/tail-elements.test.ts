import {
  concat,
  defer,
  from,
  interval,
  map,
  NEVER,
  type Observable,
  of,
  ReplaySubject,
  throwError,
  timer,
  VirtualTimeScheduler,
} from 'rxjs'
import { DecodeError, HttpError, type JobLog, type LogEntry, NetworkError } from 'rxjobs'
import { expect, test } from 'vitest'
import { alwaysReady } from '../../../src/core/index.ts'
import type { ConnectionChange } from '../../../src/streams/connection.ts'
import { start } from '../../../src/streams/log/cursor.ts'
import { emitter } from '../../../src/streams/log/emitter.ts'
import { Position } from '../../../src/streams/log/position.ts'
import { tailElements } from '../../../src/streams/log/tail-elements.ts'

type Live = Observable<ReadonlyArray<LogEntry>>

const asked = { method: 'GET', path: '/tail' }
const cut = (): Live => throwError(() => new NetworkError({ ...asked, cause: 'reset' }))
const line = (at: number): LogEntry => ({
  source: 'stdout',
  timestamp: new Date(1_800_000_000_000 + at).toISOString(),
  data: String(at),
})

interface Tail {
  readonly scheduler: VirtualTimeScheduler
  readonly log: Array<LogEntry>
  readonly over: ReplaySubject<void>
  /** When connections were opened, and windows read. */
  readonly opened: ReadonlyArray<number>
  readonly looks: ReadonlyArray<number>
  readonly told: ReadonlyArray<ConnectionChange>
  readonly seen: ReadonlyArray<string>
  /** How it ended. */
  readonly ends: ReadonlyArray<unknown>
  readonly begin: () => void
  /** Lets time pass up to this many milliseconds. */
  readonly until: (ms: number) => void
  readonly states: () => ReadonlyArray<string>
  readonly closes: () => number
}

/** The tail of a log in virtual time; `live` gives the connection that is opened as the nth, from 1. */
function tail(live?: (nth: number) => Live, more: Partial<JobLog<string>> = {}): Tail {
  const scheduler = new VirtualTimeScheduler()
  const log: Array<LogEntry> = []
  const over = new ReplaySubject<void>(1)
  const position = new Position('job', start)
  const opened: Array<number> = []
  const looks: Array<number> = []
  const told: Array<ConnectionChange> = []
  const seen: Array<string> = []
  const ends: Array<unknown> = []
  let closes = 0
  const window = (_ref: string, lines: number): Observable<ReadonlyArray<LogEntry>> => {
    looks.push(scheduler.now())
    return timer(5, scheduler).pipe(map(() => log.slice(-lines)))
  }
  const connection = (): Live => defer(() => live?.(opened.push(scheduler.now())) ?? NEVER)
  const stream = tailElements({
    log: { window, ...(live === undefined ? {} : { live: connection }), ...more },
    ref: 'job',
    position,
    emit: emitter('job', position, 1_000),
    patience: { scheduler, maxFailures: 3, report: (connection) => told.push(connection) },
    ready: alwaysReady,
    repair: true,
    silence: 1_000_000,
    pause: () => 1_000,
    over,
    onClosed: () => closes++,
  })
  const begin = (): void =>
    void stream.subscribe({
      next: (elements) => {
        for (const element of elements) seen.push(element._tag === 'Line' ? element.data : element.reason)
      },
      error: (error: unknown) => ends.push(error),
      complete: () => ends.push('complete'),
    })
  const until = (ms: number): void => {
    scheduler.maxFrames = ms
    scheduler.flush()
  }
  const states = (): ReadonlyArray<string> => told.map(({ to, state }) => `${to} ${state}`)
  return { scheduler, log, over, opened, looks, told, seen, ends, begin, until, states, closes: () => closes }
}

test('a log without a connection is polled until the job is over, and then read to its end', () => {
  const { log, over, seen, ends, begin, until } = tail()
  begin()
  log.push(line(1))
  until(500)
  log.push(line(2))
  until(3_000)
  expect([seen, ends]).toEqual([['1', '2'], []])
  log.push(line(3))
  over.next()
  until(4_000)
  expect([seen, ends]).toEqual([['1', '2', '3'], ['complete']])
})

test('the log of a job that is over is read until nothing is added, and no connection is opened', () => {
  const { scheduler, log, over, opened, seen, ends, begin, until } = tail(() => NEVER)
  over.next()
  log.push(line(1))
  // Lines may still be on their way to the log when the job is over.
  for (const at of [4, 9, 14]) scheduler.schedule(() => log.push(line(at)), at)
  begin()
  until(10_000)
  expect([seen, ends, opened]).toEqual([['1', '4', '9', '14'], ['complete'], []])
})

test.each([
  ['404', new HttpError({ ...asked, status: 404 })],
  ['405', new HttpError({ ...asked, status: 405 })],
  ['a body that does not fit', new DecodeError({ ...asked, issues: [] })],
])('a connection that cannot be had (%s) is given up for polling, and that is said', (_name, error) => {
  const { scheduler, log, opened, seen, told, ends, states, begin, until } = tail(() => throwError(() => error))
  for (const at of [10, 70_000, 200_000]) scheduler.schedule(() => log.push(line(at)), at)
  begin()
  until(300_000)
  expect([seen, ends]).toEqual([['10', '70000', '200000'], []])
  expect(opened).toHaveLength(1)
  expect(states()).toEqual(['live fallback', 'log open'])
  expect(told[0]?.error).toEqual({ _tag: 'Some', value: error })
})

test('a connection that is cut is opened again after a wait that grows with full jitter, as told', () => {
  const { opened, told, begin, until } = tail((nth) => (nth <= 3 ? cut() : concat(of([]), NEVER)))
  begin()
  until(100_000)
  expect(opened).toHaveLength(4)
  const waits = told.filter(({ state }) => state === 'retrying').map(({ waitMs }) => waitMs)
  expect(waits).toHaveLength(3)
  for (const [index, wait] of waits.entries()) {
    expect(wait).toBeLessThan(250 * 2 ** index)
    expect((opened[index + 1] ?? 0) - (opened[index] ?? 0)).toBeCloseTo(wait)
  }
  expect(told.map(({ to, state }) => `${to} ${state}`)).toContain('live open')
})

test('it waits as long as it is asked to', () => {
  const busy = new HttpError({ ...asked, status: 429, retryAfter: 7_000 })
  const { opened, begin, until } = tail((nth) => (nth === 1 ? throwError(() => busy) : NEVER))
  begin()
  until(100_000)
  expect(opened).toEqual([0, 7_000])
})

test('a connection that drops four times without a line is left alone for a minute, in which the log is polled', () => {
  const { log, opened, seen, states, begin, until } = tail(cut)
  begin()
  until(20_000)
  expect(opened).toHaveLength(4)
  expect(states().filter((state) => state === 'live fallback')).toHaveLength(1)
  log.push(line(1))
  until(30_000)
  expect(seen).toEqual(['1'])
  const rested = opened[3] ?? 0
  until(rested + 59_000)
  expect(opened).toHaveLength(4)
  until(rested + 63_000)
  expect(opened.length).toBeGreaterThan(4)
})

test('drops between which lines come are no reason to rest', () => {
  const tailed = tail((nth) => {
    const fresh = timer(300, tailed.scheduler).pipe(
      map(() => {
        tailed.log.push(line(nth))
        return [line(nth)]
      }),
    )
    return concat(of([]), fresh, cut())
  })
  tailed.begin()
  tailed.until(5_000)
  expect(tailed.opened.length).toBeGreaterThan(8)
  expect(tailed.seen.length).toBeGreaterThan(8)
  expect(tailed.seen).toEqual(tailed.seen.map((_, index) => String(index + 1)))
  expect(tailed.states()).not.toContain('live fallback')
})

test('the end of a connection is told at once, however it ended', () => {
  const closing = tail((nth) => (nth === 1 ? concat(of([]), timer(50, closing.scheduler).pipe(map(() => []))) : NEVER))
  closing.begin()
  closing.until(49)
  expect(closing.closes()).toBe(0)
  closing.until(50)
  expect(closing.closes()).toBe(1)
  const cutting = tail((nth) => (nth === 1 ? cut() : NEVER))
  cutting.begin()
  cutting.until(10_000)
  expect(cutting.closes()).toBe(1)
})

test('a log that the service counts is read by its count alone', () => {
  const counted = tail(() => NEVER, {
    since: (_ref, next) =>
      timer(5, counted.scheduler).pipe(map(() => ({ entries: counted.log.slice(next), next: counted.log.length }))),
  })
  counted.begin()
  // Lines that are all the same are told apart by nothing but their count.
  for (const at of [10, 20, 4_000, 8_000])
    counted.scheduler.schedule(() => counted.log.push({ source: 'stdout', timestamp: '', data: 'same' }), at)
  counted.until(9_500)
  expect([counted.seen, counted.opened, counted.looks]).toEqual([['same', 'same', 'same', 'same'], [], []])
})

test('a log that cannot be read ends the tail with the error', () => {
  const gone = new HttpError({ ...asked, status: 404 })
  const { ends, seen, begin, until } = tail(undefined, { window: () => throwError(() => gone) })
  begin()
  until(10_000)
  expect([seen, ends]).toEqual([[], [gone]])
})

test('a log that grows with each look after the job, however long, is read to its end: ever less often, and no line is lost', () => {
  const grown = 9_000
  let written = 1
  const { over, seen, ends, begin, until, scheduler } = tail(undefined, {
    window: (_ref, lines) => {
      written = Math.min(grown, written + 1)
      const from = Math.max(0, written - lines)
      return of(Array.from({ length: written - from }, (_, at) => line(from + at)))
    },
  })
  over.next()
  begin()
  until(60_000)
  const first = seen.length
  expect(first).toBeGreaterThan(20)
  expect(first).toBeLessThan(60)
  until(grown * 2_500)
  expect(seen).toEqual(Array.from({ length: grown }, (_, at) => String(at)))
  expect(ends).toEqual(['complete'])
  expect(scheduler.actions).toEqual([])
})

test('a connection that gives what is there and closes at once is left alone for a minute, like one that gives nothing', () => {
  const tailed = tail((nth) => {
    tailed.log.push(line(nth))
    return of([], [line(nth)])
  })
  tailed.begin()
  tailed.until(59_000)
  expect(tailed.opened).toHaveLength(4)
  expect(tailed.states().filter((state) => state === 'live fallback')).toHaveLength(1)
  tailed.until(70_000)
  expect(tailed.opened.length).toBeGreaterThan(4)
  expect(tailed.seen).toEqual(tailed.seen.map((_, at) => String(at + 1)))
})

test('a connection that talks while the log does not answer is not held in memory without bound', () => {
  const page = Array.from({ length: 1_000 }, (_, at) => line(at))
  const { scheduler, opened, begin, until } = tail(() => interval(10, scheduler).pipe(map(() => page)), {
    window: () => NEVER,
  })
  begin()
  until(800)
  // Ended beyond 50 000 lines at 510, and opened again at most 250 ms later.
  expect(opened.length).toBe(2)
})

test('only failures in a row count: a download that works ends the row, and is told', () => {
  let asked = 0
  const full = (): Observable<string> =>
    asked++ % 2 === 0 ? throwError(() => new NetworkError({ ...asked_, cause: 'reset' })) : from(shown())
  const tailed = tail(undefined, {
    full,
    window: (_ref, lines) => of(tailed.log.slice(0, Math.min(lines, 20))),
    widest: 20,
  })
  const asked_ = { method: 'GET', path: '/download' }
  const shown = (): ReadonlyArray<string> => tailed.log.map(({ data }) => data)
  for (let at = 0; at < 600; at++) tailed.scheduler.schedule(() => tailed.log.push(line(at)), at * 1_000)
  tailed.begin()
  tailed.until(600_000)
  expect(asked).toBeGreaterThan(20)
  expect(tailed.ends).toEqual([])
  const states = tailed.states().filter((state) => state !== 'live fallback')
  expect(states.filter((state) => state === 'log retrying').length).toBeGreaterThan(8)
  // Each of them is followed by the word that the connection is well again.
  expect(states.join().replaceAll('log retrying,log open', '').replaceAll(',', '')).toMatch(
    /^(log open)?(log retrying)?$/,
  )
})
