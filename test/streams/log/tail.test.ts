import {
  concat,
  defer,
  finalize,
  from,
  interval,
  map,
  NEVER,
  type Observable,
  of,
  ReplaySubject,
  Subject,
  take,
  throwError,
  timer,
  VirtualTimeScheduler,
} from 'rxjs'
import { expect, test } from 'vitest'
import { DecodeError, HttpError, NetworkError } from '../../../src/core/index.ts'
import type { JobLog, LogEntry } from '../../../src/streams/types.ts'
import { type ConnectionChange, line, lines, texts, type VirtualTailOptions, virtualTail } from './virtual-tail.ts'

type Live = Observable<ReadonlyArray<LogEntry>>

const request = { method: 'GET', path: '/tail' }
const cut = (): Live => throwError(() => new NetworkError({ ...request, cause: 'reset' }))
const dataOf = (entries: ReadonlyArray<LogEntry>): ReadonlyArray<string> => entries.map(({ data }) => data)

interface Tail {
  readonly scheduler: VirtualTimeScheduler
  readonly log: Array<LogEntry>
  readonly over: ReplaySubject<void>
  /** When connections were opened, and windows read. */
  readonly opened: ReadonlyArray<number>
  readonly reads: ReadonlyArray<number>
  readonly changes: ReadonlyArray<ConnectionChange>
  readonly seen: ReadonlyArray<string>
  /** How it ended. */
  readonly ends: ReadonlyArray<unknown>
  readonly begin: () => void
  /** Lets time pass up to this many milliseconds. */
  readonly until: (ms: number) => void
  readonly states: () => ReadonlyArray<string>
  readonly closes: () => number
  readonly stop: () => void
}

/** The tail of a log in virtual time; `live` gives the connection that is opened as the nth, from 1. */
function tail(
  live?: (nth: number) => Live,
  more: Partial<JobLog<string>> = {},
  options: Partial<VirtualTailOptions> = {},
): Tail {
  const scheduler = new VirtualTimeScheduler()
  const log: Array<LogEntry> = []
  const over = new ReplaySubject<void>(1)
  const [opened, reads, changes, seen, ends]: [number[], number[], ConnectionChange[], string[], unknown[]] = [
    [],
    [],
    [],
    [],
    [],
  ]
  let closes = 0
  const read = (_ref: string, many: number): Observable<ReadonlyArray<LogEntry>> => {
    reads.push(scheduler.now())
    return timer(5, scheduler).pipe(map(() => log.slice(-many)))
  }
  const stream = (): Live => defer(() => live?.(opened.push(scheduler.now())) ?? NEVER)
  const elements = virtualTail({
    scheduler,
    jobEnd: over,
    log: { read, ...(live === undefined ? {} : { stream }), ...more },
    stallTimeout: 1_000_000,
    onClosed: () => closes++,
    report: (change) => changes.push(change),
    ...options,
  })
  const stops: Array<() => void> = []
  return {
    scheduler,
    log,
    over,
    opened,
    reads,
    changes,
    seen,
    ends,
    begin: () => {
      const subscription = elements.subscribe({
        next: (batch) => seen.push(...texts(batch)),
        error: (error: unknown) => ends.push(error),
        complete: () => ends.push('complete'),
      })
      stops.push(() => subscription.unsubscribe())
    },
    until: (ms) => {
      scheduler.maxFrames = ms
      scheduler.flush()
    },
    states: () => changes.map(({ channel, state }) => `${channel} ${state}`),
    closes: () => closes,
    stop: () => {
      for (const stop of stops) stop()
    },
  }
}

const open: Live = concat(of([]), NEVER)

test('a log without a connection is polled until the job is over, and then read to its end', () => {
  const { log, over, seen, ends, begin, until } = tail()
  begin()
  log.push(line(1))
  until(500)
  log.push(line(2))
  until(3_000)
  expect([seen, ends]).toEqual([['line 1', 'line 2'], []])
  log.push(line(3))
  over.next()
  until(4_000)
  expect([seen, ends]).toEqual([['line 1', 'line 2', 'line 3'], ['complete']])
})

test('the log of a job that is over is read until a read adds nothing, and no connection is opened', () => {
  const { scheduler, log, over, opened, seen, ends, begin, until } = tail(() => NEVER)
  over.next()
  log.push(line(1))
  // Lines may still be on their way to the log when the job is over.
  for (const at of [4, 9, 14]) scheduler.schedule(() => log.push(line(at)), at)
  begin()
  until(10_000)
  expect([seen, ends, opened]).toEqual([['line 1', 'line 4', 'line 9', 'line 14'], ['complete'], []])
})

test('a log that grows at each read after its job is read ever less often, to its end', () => {
  const grown = 9_000
  let written = 1
  const { over, seen, ends, begin, until, scheduler } = tail(undefined, {
    read: (_ref, many) => {
      written = Math.min(grown, written + 1)
      return of(lines(Math.max(0, written - many), written))
    },
  })
  over.next()
  begin()
  until(60_000)
  expect(seen.length).toBeGreaterThan(20)
  expect(seen.length).toBeLessThan(60)
  until(grown * 2_500)
  expect(seen).toEqual(dataOf(lines(0, grown)))
  expect(ends).toEqual(['complete'])
  expect(scheduler.actions).toEqual([])
})

test('a log that nearly outruns its window is read again at once, and that does not slow down the reads after it', () => {
  const { scheduler, log, reads, seen, begin, until } = tail(
    undefined,
    { maxLines: 100 },
    {
      random: () => 0,
    },
  )
  for (let n = 0; n < 1_000; n++) scheduler.schedule(() => log.push(line(n)), n * 9)
  begin()
  until(12_000)
  expect(seen).toEqual(dataOf(lines(0, 1_000)))
  expect(reads.some((at, n) => n > 0 && at - (reads[n - 1] ?? 0) > 5 && at - (reads[n - 1] ?? 0) < 100)).toBe(true)
})

test.each([
  ['404', new HttpError({ ...request, status: 404 })],
  ['405', new HttpError({ ...request, status: 405 })],
  ['a body that does not fit', new DecodeError({ ...request, issues: [] })],
])('a connection that does not exist (%s) is given up for polling, and that is reported', (_name, error) => {
  const { scheduler, log, opened, seen, changes, ends, states, begin, until } = tail(() => throwError(() => error))
  for (const at of [10, 70_000, 200_000]) scheduler.schedule(() => log.push(line(at)), at)
  begin()
  until(300_000)
  expect([seen, ends]).toEqual([['line 10', 'line 70000', 'line 200000'], []])
  expect(opened).toHaveLength(1)
  expect(states()).toEqual(['live fallback', 'log open'])
  expect(changes[0]?.error).toBe(error)
})

test('a connection that is cut is opened again after the wait that is reported', () => {
  const { opened, changes, begin, until } = tail((nth) => (nth <= 3 ? cut() : open))
  begin()
  until(100_000)
  expect(opened).toHaveLength(4)
  const waits = changes.filter(({ state }) => state === 'retrying').map(({ retryInMs }) => retryInMs)
  expect(waits).toHaveLength(3)
  for (const [index, wait] of waits.entries()) {
    expect(wait).toBeGreaterThanOrEqual(250)
    expect((opened[index + 1] ?? 0) - (opened[index] ?? 0)).toBeCloseTo(wait)
  }
  expect(changes.map(({ channel, state }) => `${channel} ${state}`)).toContain('live open')
})

test('Retry-After of a connection is obeyed', () => {
  const busy = new HttpError({ ...request, status: 429, retryAfter: 7_000 })
  const { opened, begin, until } = tail((nth) => (nth === 1 ? throwError(() => busy) : NEVER))
  begin()
  until(100_000)
  expect(opened[1]).toBeGreaterThanOrEqual(7_000)
  expect(opened[1]).toBeLessThan(8_000)
})

test('a connection that drops at once four times rests for a minute, in which the log is polled', () => {
  const { log, opened, seen, states, begin, until } = tail(cut)
  begin()
  until(20_000)
  expect(opened).toHaveLength(4)
  expect(states().filter((state) => state === 'live fallback')).toHaveLength(1)
  log.push(line(1))
  until(30_000)
  expect(seen).toEqual(['line 1'])
  const rested = opened[3] ?? 0
  until(rested + 59_000)
  expect(opened).toHaveLength(4)
  until(rested + 63_000)
  expect(opened.length).toBeGreaterThan(4)
})

test('a connection that keeps dropping is tried again each minute, for as long as the job runs', () => {
  const { opened, begin, until } = tail(cut)
  begin()
  until(3_600_000)
  expect(opened.length).toBeGreaterThan(200)
})

test('a connection that gives what is there and closes at once rests, too', () => {
  const tailed = tail((nth) => {
    tailed.log.push(line(nth))
    return of([], [line(nth)])
  })
  tailed.begin()
  tailed.until(59_000)
  expect(tailed.opened).toHaveLength(4)
  tailed.until(70_000)
  expect(tailed.opened.length).toBeGreaterThan(4)
  expect(tailed.seen).toEqual(tailed.seen.map((_, at) => `line ${at + 1}`))
})

test('a connection that lasts 300 ms before it breaks does not rest, however often it breaks', () => {
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
  tailed.until(10_000)
  expect(tailed.opened.length).toBeGreaterThan(8)
  expect(tailed.seen.length).toBeGreaterThan(8)
  expect(tailed.seen).toEqual(tailed.seen.map((_, index) => `line ${index + 1}`))
  expect(tailed.states()).not.toContain('live fallback')
})

test('onClosed is called at once when a connection ends, however it ended', () => {
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

test('a log that the service counts is read by offsets alone', () => {
  const counted = tail(() => NEVER, {
    after: (_ref, offset) =>
      timer(5, counted.scheduler).pipe(
        map(() => ({ entries: counted.log.slice(offset), nextOffset: counted.log.length })),
      ),
  })
  counted.begin()
  // Equal lines are told apart by nothing but their offset.
  for (const at of [10, 20, 4_000, 8_000])
    counted.scheduler.schedule(() => counted.log.push({ source: 'stdout', timestamp: '', data: 'same' }), at)
  counted.until(12_000)
  expect([counted.seen, counted.opened, counted.reads]).toEqual([['same', 'same', 'same', 'same'], [], []])
})

test('a log that cannot be read ends the tail with the error', () => {
  const gone = new HttpError({ ...request, status: 404 })
  const { ends, seen, begin, until } = tail(undefined, { read: () => throwError(() => gone) })
  begin()
  until(10_000)
  expect([seen, ends]).toEqual([[], [gone]])
})

test('lines between a window and the opening of the connection are neither lost nor repeated', () => {
  for (const replayed of [0, 1, 3, 50]) {
    for (const opens of [0, 20, 45, 5_000]) {
      const tailed = tail(() => live)
      const live = new Subject<ReadonlyArray<LogEntry>>()
      for (let ms = 0; ms < 100; ms++) {
        tailed.scheduler.schedule(() => {
          tailed.log.push(line(ms))
          if (ms > opens) live.next([line(ms)])
        }, ms)
      }
      tailed.scheduler.schedule(() => {
        live.next([])
        live.next(replayed === 0 ? [] : tailed.log.slice(-replayed))
      }, opens)
      tailed.begin()
      tailed.until(8_000)
      expect(tailed.seen).toEqual(dataOf(lines(0, 100)))
    }
  }
})

test('a connection that does not open delays nothing: the log is polled until it does', () => {
  const live = new Subject<ReadonlyArray<LogEntry>>()
  const { scheduler, log, seen, reads, begin, until } = tail(() => live)
  log.push(...lines(0, 10))
  begin()
  until(900)
  expect([reads, seen]).toEqual([[], []])
  until(1_100)
  expect(seen).toEqual(dataOf(lines(0, 10)))
  scheduler.schedule(() => log.push(line(10)), 5_000)
  until(8_000)
  expect(seen).toEqual(dataOf(lines(0, 11)))
  scheduler.schedule(() => live.next([]), 10_000)
  scheduler.schedule(() => live.next([line(11)]), 10_100)
  log.push(line(11))
  until(12_000)
  expect(seen).toEqual(dataOf(lines(0, 12)))
})

test('a silent connection is kept while the log has not grown; where it has, the log is polled for a minute', () => {
  const { log, seen, opened, reads, states, begin, until } = tail(() => open, {}, { stallTimeout: 1_000 })
  begin()
  until(5_500)
  expect([opened.length, reads.length]).toEqual([1, 6])
  log.push(line(1))
  until(10_000)
  expect([seen, opened.length, states().includes('live fallback')]).toEqual([['line 1'], 1, true])
  log.push(line(2))
  until(13_000)
  expect(seen).toEqual(['line 1', 'line 2'])
  until(68_000)
  expect(opened).toHaveLength(2)
})

test('keep-alives are signs of life, and the log is not read for them', () => {
  const tailed = tail(
    () => concat(of([]), interval(500, tailed.scheduler).pipe(map(() => []))),
    {},
    { stallTimeout: 1_000 },
  )
  tailed.begin()
  tailed.until(20_000)
  expect(tailed.reads).toHaveLength(1)
})

test('while the consumer holds the connection back its silence means nothing', () => {
  const demand = new ReplaySubject<boolean>(1)
  demand.next(true)
  const { scheduler, reads, begin, until } = tail(() => open, {}, { stallTimeout: 1_000, demand })
  begin()
  scheduler.schedule(() => demand.next(false), 100)
  scheduler.schedule(() => demand.next(true), 10_010)
  until(10_000)
  expect(reads).toHaveLength(1)
  until(10_900)
  expect(reads).toHaveLength(1)
  until(12_500)
  expect(reads.length).toBeGreaterThan(1)
})

test('a connection whose lines cannot be placed is given up for polling', () => {
  const untimed = (data: string): LogEntry => ({ source: 'stdout', timestamp: '', data })
  const tailed = tail(() => concat(of([]), timer(100, tailed.scheduler).pipe(map(() => [untimed('b')])), NEVER))
  tailed.log.push(untimed('a'), untimed('b'))
  tailed.begin()
  tailed.until(5_000)
  expect(tailed.states()).toContain('live fallback')
  tailed.log.push(untimed('c'))
  tailed.until(10_000)
  expect(tailed.seen).toEqual(['a', 'b', 'c'])
})

test('a log that shows its lines later than the connection loses none of them', () => {
  for (const lag of [1, 100, 900, 2_500]) {
    const live = new Subject<ReadonlyArray<LogEntry>>()
    const { scheduler, log, seen, begin, until } = tail(() => live)
    for (let n = 0; n < 40; n++) {
      const ms = n * 50
      scheduler.schedule(() => ms > 400 && live.next([line(n)]), ms)
      scheduler.schedule(() => log.push(line(n)), ms + lag)
    }
    scheduler.schedule(() => live.next([]), 400)
    begin()
    until(20_000)
    expect(seen).toEqual(dataOf(lines(0, 40)))
  }
})

test('lines that only the connection gave are emitted at the end, after a gap', () => {
  const live = new Subject<ReadonlyArray<LogEntry>>()
  const { scheduler, log, over, seen, ends, begin, until } = tail(() => live)
  log.push(...lines(0, 3))
  begin()
  scheduler.schedule(() => live.next([]), 1)
  scheduler.schedule(() => live.next(lines(5, 8)), 100)
  scheduler.schedule(() => over.next(), 300)
  until(10_000)
  expect(seen).toEqual([...dataOf(lines(0, 3)), '[window]', ...dataOf(lines(5, 8))])
  expect(ends).toEqual(['complete'])
})

test.each([
  ['are a gap at the end', false, [...dataOf(lines(0, 6)), '[window]']],
  ['come with the log are no gap', true, dataOf(lines(0, 9))],
])('lines that a connection gave before it broke and that %s', (_name, isShown, expected) => {
  const { scheduler, log, over, seen, ends, begin, until } = tail((nth) => {
    const given = timer(100, scheduler).pipe(map(() => (nth === 1 ? lines(6, 9) : [])))
    return nth <= 3 ? concat(of([]), given, cut()) : concat(of([]), NEVER)
  })
  log.push(...lines(0, 3))
  begin()
  scheduler.schedule(() => log.push(...lines(3, 6)), 3_000)
  if (isShown) scheduler.schedule(() => log.push(...lines(6, 9)), 8_000)
  scheduler.schedule(() => over.next(), 10_000)
  until(20_000)
  expect([seen, ends]).toEqual([expected, ['complete']])
})

test('a line without a time that only the connection gave is reported as a gap', () => {
  const untimed = (n: number): LogEntry => ({ ...line(n), timestamp: '' })
  for (const logged of [lines(0, 3), [0, 1, 2].map(untimed)]) {
    const live = new Subject<ReadonlyArray<LogEntry>>()
    const { scheduler, log, over, seen, ends, begin, until } = tail(() => live)
    log.push(...logged)
    begin()
    scheduler.schedule(() => live.next([]), 1)
    scheduler.schedule(() => live.next([untimed(5)]), 100)
    scheduler.schedule(() => over.next(), 300)
    until(10_000)
    expect([seen, ends]).toEqual([[...dataOf(logged), '[window]'], ['complete']])
  }
})

test('lines without a time that the log shows at the end are no gap', () => {
  const untimed = (n: number): LogEntry => ({ ...line(n), timestamp: '' })
  const live = new Subject<ReadonlyArray<LogEntry>>()
  const { scheduler, log, over, seen, ends, begin, until } = tail(() => live)
  log.push(...[0, 1, 2].map(untimed))
  begin()
  scheduler.schedule(() => live.next([]), 1)
  scheduler.schedule(() => live.next([untimed(3), untimed(4)]), 100)
  scheduler.schedule(() => log.push(...[3, 4, 5].map(untimed)), 110)
  scheduler.schedule(() => over.next(), 300)
  until(10_000)
  expect([seen, ends]).toEqual([dataOf(lines(0, 6)), ['complete']])
})

test('a line that the connection repeats is emitted once where its time tells; there is no gap', () => {
  const live = new Subject<ReadonlyArray<LogEntry>>()
  const { scheduler, log, over, seen, ends, begin, until } = tail(() => live)
  begin()
  scheduler.schedule(() => live.next([]), 1)
  for (let n = 0; n < 60; n++) {
    scheduler.schedule(() => {
      log.push(line(n))
      live.next([line(n)])
      // Two lines again, then a whole block.
      if (n === 30) live.next(lines(n - 1, n + 1))
      if (n === 50) live.next(lines(n - 19, n + 1))
    }, 100 + n)
  }
  scheduler.schedule(() => over.next(), 500)
  until(10_000)
  expect(seen).toEqual(dataOf(lines(0, 60)))
  expect(ends).toEqual(['complete'])
})

test('two neighbours in another order on the connection are emitted once each; there is no gap', () => {
  for (const back of [1, 2, 5, 30]) {
    const live = new Subject<ReadonlyArray<LogEntry>>()
    const { scheduler, log, over, seen, ends, begin, until } = tail(() => live)
    const given = lines(0, 60)
    const [one, other] = [line(60 - back - 1), line(60 - back)]
    given.splice(60 - back - 1, 2, other, one)
    begin()
    scheduler.schedule(() => live.next([]), 1)
    scheduler.schedule(() => log.push(...lines(0, 60)), 100)
    scheduler.schedule(() => live.next(given), 100)
    scheduler.schedule(() => over.next(), 2_000)
    until(10_000)
    expect([...seen].sort()).toEqual([...dataOf(lines(0, 60))].sort())
    expect(ends).toEqual(['complete'])
  }
})

test('what the connection replays is preferred to a download, with its times', () => {
  const written = lines(0, 500)
  let downloads = 0
  const elements: Array<string> = []
  const scheduler = new VirtualTimeScheduler(undefined, 5_000)
  virtualTail({
    scheduler,
    log: {
      maxLines: 50,
      read: (_ref, many) => timer(5, scheduler).pipe(map(() => written.slice(-Math.min(50, many)))),
      stream: () => concat(of([]), timer(20, scheduler).pipe(map(() => written)), NEVER),
      download: () => {
        downloads++
        return concat(from([dataOf(written.slice(0, 40)), dataOf(written.slice(40, 80))]), NEVER)
      },
    },
  }).subscribe((batch) => {
    for (const element of batch) elements.push(element._tag === 'Line' ? element.timestamp : element.reason)
  })
  scheduler.flush()
  expect(elements).toEqual(written.map(({ timestamp }) => timestamp))
  // Only its beginning was read, which shows that the replay begins with the log's first line.
  expect(downloads).toBe(1)
})

test('a replay that begins later than the log is not taken for the whole log', () => {
  const written = lines(0, 500)
  const { seen, begin, until, log } = tail(() => concat(of([]), of(written.slice(100)), NEVER), {
    maxLines: 50,
    read: (_ref, many) => of(written.slice(-Math.min(50, many))),
    download: () => of(dataOf(written)),
  })
  log.push(...written)
  begin()
  until(5_000)
  expect(seen).toEqual(dataOf(written))
})

test('a connection that talks while the log does not answer is not held in memory without bound', () => {
  const page = lines(0, 1_000)
  let closed = 0
  const talk = (): Live =>
    interval(10, scheduler).pipe(
      map(() => page),
      finalize(() => closed++),
    )
  const { scheduler, opened, begin, until } = tail(talk, { read: () => NEVER })
  begin()
  until(500)
  expect(closed).toBe(0)
  // Closed at some 100 000 lines, and opened again after a minute.
  until(1_200)
  expect([opened.length, closed]).toEqual([1, 1])
  until(62_000)
  expect(opened.length).toBe(2)
})

test('lines that are too long are gaps in their place, whichever way they come', () => {
  const long = (n: number): LogEntry => ({ ...line(n), data: 'x'.repeat(5_000) })
  const live = new Subject<ReadonlyArray<LogEntry>>()
  const { scheduler, log, over, seen, begin, until } = tail(() => live, {}, { maxLineLength: 1_000 })
  log.push(line(0), long(1), line(2))
  begin()
  scheduler.schedule(() => live.next([]), 1)
  scheduler.schedule(() => {
    const added = [long(3), line(4)]
    log.push(...added)
    live.next(added)
  }, 1_000)
  scheduler.schedule(() => over.next(), 2_000)
  until(10_000)
  expect(seen).toEqual(['line 0', '[too-long]', 'line 2', '[too-long]', 'line 4'])
})

test('unsubscribing ends the connection, its reads and every wait', () => {
  for (const when of [2, 50, 1_500, 31_000]) {
    const live = new Subject<ReadonlyArray<LogEntry>>()
    const { scheduler, log, seen, reads, begin, until, stop } = tail(() => live, {}, { stallTimeout: 1_000 })
    begin()
    scheduler.schedule(() => live.next([]), 1)
    until(when)
    const before = reads.length
    stop()
    log.push(line(0))
    expect(live.observed).toBe(false)
    until(1_000_000)
    expect([reads.length, seen, scheduler.actions]).toEqual([before, [], []])
  }
})

test('a consumer that leaves at the first batch gets no more, and nothing is read for it', () => {
  const scheduler = new VirtualTimeScheduler()
  let reads = 0
  const batches: Array<ReadonlyArray<string>> = []
  const read = (): Observable<ReadonlyArray<LogEntry>> => of(lines(0, 3 * ++reads))
  virtualTail({ scheduler, log: { read } })
    .pipe(take(1))
    .subscribe((batch) => batches.push(texts(batch)))
  scheduler.flush()
  expect(batches).toEqual([dataOf(lines(0, 3))])
  expect([reads, scheduler.actions]).toEqual([1, []])
})
