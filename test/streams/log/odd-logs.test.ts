import {
  concat,
  map,
  NEVER,
  Observable,
  of,
  ReplaySubject,
  type Subscriber,
  throwError,
  timer,
  VirtualTimeScheduler,
} from 'rxjs'
import { expect, test } from 'vitest'
import { HttpError } from '../../../src/core/index.ts'
import type { JobLog, LogEntry } from '../../../src/streams/types.ts'
import { line, lines, texts, virtualTail } from './virtual-tail.ts'

type Entries = ReadonlyArray<LogEntry>

const dataOf = (entries: Entries): ReadonlyArray<string> => entries.map(({ data }) => data)
const isGap = (text: string): boolean => text.startsWith('[')

interface Tailed {
  readonly scheduler: VirtualTimeScheduler
  readonly seen: Array<string>
  readonly ends: Array<unknown>
  /** How many lines were read. */
  readonly read: () => number
  /** What a change does to the log at a time; `give` sends lines on the open connections. */
  readonly at: (ms: number, change: () => void) => void
  readonly give: (entries: Entries) => void
  readonly breakAll: () => void
  readonly run: (endsAt: number, until?: number) => void
  log: Array<LogEntry>
}

interface Shape {
  readonly keeps: 'first' | 'last'
  readonly live: 'none' | 'new' | 'all'
  readonly hasDownload: boolean
  readonly maxLines: number
  readonly first: Entries
  readonly more: Partial<JobLog<string>>
}

/** A tail of a log that a test changes as it likes. */
function tailed({
  keeps = 'last',
  live = 'none',
  hasDownload = false,
  maxLines = 100,
  first = [],
  more,
}: Partial<Shape>) {
  const scheduler = new VirtualTimeScheduler(undefined, 0)
  const over = new ReplaySubject<void>(1)
  const open = new Set<Subscriber<Entries>>()
  let count = 0
  const stream = (): Observable<Entries> =>
    new Observable((subscriber) => {
      subscriber.next([])
      if (live === 'all') subscriber.next(tail.log.slice())
      open.add(subscriber)
      return () => open.delete(subscriber)
    })
  const tail: Tailed = {
    scheduler,
    seen: [],
    ends: [],
    log: [...first],
    read: () => count,
    at: (ms, change) => void scheduler.schedule(change, ms),
    give: (entries) => open.forEach((subscriber) => subscriber.next(entries)),
    breakAll: () => [...open].forEach((subscriber) => subscriber.complete()),
    run: (endsAt, until = endsAt + 30_000) => {
      scheduler.schedule(() => over.next(), endsAt)
      scheduler.maxFrames = until
      scheduler.flush()
    },
  }
  virtualTail({
    scheduler,
    jobEnd: over,
    stallTimeout: 5_000,
    log: {
      maxLines,
      read: (_ref, many) => {
        const most = Math.min(many, maxLines)
        const window = keeps === 'last' ? tail.log.slice(-most) : tail.log.slice(0, most)
        count += window.length
        return timer(5, scheduler).pipe(map(() => window))
      },
      ...(live !== 'none' && { stream }),
      ...(hasDownload && { download: () => of(dataOf(tail.log)) }),
      ...more,
    },
  }).subscribe({
    next: (batch) => tail.seen.push(...texts(batch)),
    error: (error: unknown) => tail.ends.push(error),
    complete: () => tail.ends.push('complete'),
  })
  return tail
}

const rotations = (['first', 'last'] as const).flatMap((keeps) =>
  (['none', 'new', 'all', 'break'] as const).flatMap((live) =>
    [true, false].flatMap((hasDownload) =>
      [30, 600].flatMap((before) =>
        [5, 60, 700].flatMap((after) =>
          [0, 10].flatMap((kept) => [1, 10].map((pause) => ({ keeps, live, hasDownload, before, after, kept, pause }))),
        ),
      ),
    ),
  ),
)

test('a rotated log: no line comes twice, none is lost without a gap, and new lines come while they are written', () => {
  for (const drawn of rotations) {
    const { keeps, live, hasDownload, before, after, kept, pause } = drawn
    const tail = tailed({ keeps, live: live === 'break' ? 'new' : live, hasDownload, first: lines(0, before) })
    tail.at(10_000, () => {
      tail.log = kept === 0 ? [] : tail.log.slice(-kept)
      if (live === 'break') tail.breakAll()
    })
    for (let n = 0; n < after; n++) {
      tail.at(10_000 + n * pause, () => {
        tail.log.push(line(20_000 + n))
        tail.give([line(20_000 + n)])
      })
    }
    let early = 0
    const isNew = (text: string): boolean => /^line 2\d{4}$/.test(text)
    tail.at(40_000, () => (early = tail.seen.filter(isNew).length))
    tail.run(60_000)
    const [gaps, own] = [tail.seen.filter(isGap), tail.seen.filter((text) => !isGap(text))]
    const fresh = own.filter(isNew)
    const what = JSON.stringify(drawn)
    expect(tail.ends, what).toEqual(['complete'])
    expect(new Set(own).size, `twice: ${what}`).toBe(own.length)
    expect(fresh, `order: ${what}`).toEqual([...fresh].sort())
    if (fresh.length < after) expect(gaps, `lost: ${what}`).not.toEqual([])
    expect(gaps.length, what).toBeLessThanOrEqual(3)
    // What a window shows, and what a joined connection gives.
    expect(early, `late: ${what}`).toBeGreaterThanOrEqual(Math.min(after, keeps === 'first' && live !== 'all' ? 1 : 5))
    expect(fresh.length - early, `late: ${what}`).toBeLessThanOrEqual(0)
  }
})

test('a rotated log on a connection that swaps neighbours: no line comes twice, and none is lost without a gap', () => {
  const drawn = (['first', 'last'] as const).flatMap((keeps) =>
    [true, false].flatMap((hasDownload) =>
      [5, 20, 60, 150].flatMap((after) =>
        [0, 3, 10].flatMap((kept) => [1, 10].map((pause) => ({ keeps, hasDownload, after, kept, pause }))),
      ),
    ),
  )
  for (const { keeps, hasDownload, after, kept, pause } of drawn) {
    const tail = tailed({ keeps, live: 'new', hasDownload, first: lines(0, 30), maxLines: 1_000 })
    const end = 100 + after
    const all = lines(0, end)
    // What the connection gives: each seventh line after the next one.
    const given = all.map((entry, n) => (n % 7 === 0 ? all[n + 1] : n % 7 === 1 ? all[n - 1] : entry) ?? entry)
    for (let n = 30; n < end; n++) {
      tail.at(1_000 + n * pause, () => {
        if (n === 100) tail.log = kept === 0 ? [] : tail.log.slice(-kept)
        tail.log.push(...all.slice(n, n + 1))
        tail.give(given.slice(n, n + 1))
      })
    }
    tail.run(1_000 + end * pause)
    const own = tail.seen.filter((text) => !isGap(text))
    const what = JSON.stringify({ keeps, hasDownload, after, kept, pause })
    expect(tail.ends, what).toEqual(['complete'])
    expect(new Set(own).size, `twice: ${what}`).toBe(own.length)
    if (own.length < end) expect(tail.seen.filter(isGap), `lost: ${what}`).not.toEqual([])
  }
})

test.each([true, false])(
  'a log that begins anew with older times is told, and goes on (with a download: %s)',
  (hasDownload) => {
    for (const written of [5, 40, 300]) {
      const tail = tailed({ hasDownload, first: lines(50_000, 50_060) })
      tail.at(10_000, () => (tail.log = []))
      for (let n = 0; n < written; n++) tail.at(10_010 + n * 20, () => tail.log.push(line(n)))
      let early = 0
      tail.at(30_000, () => (early = tail.seen.length))
      tail.run(60_000)
      const at = tail.seen.findIndex(isGap)
      expect(tail.seen.slice(0, at)).toEqual(dataOf(lines(50_000, 50_060)))
      const own = tail.seen.slice(at).filter((text) => !isGap(text))
      expect(own.slice(-1)).toEqual([`line ${written - 1}`])
      expect(new Set(own).size).toBe(own.length)
      expect(early).toBeGreaterThan(60)
    }
  },
)

test.each(['a', 'b'])('lines that a connection leaves out are told as a gap (%s)', (kind) => {
  for (const [before, given] of [
    [0, 40],
    [20, 40],
    [90, 40],
    [500, 60],
  ] as const) {
    const tail = tailed({ live: 'new', first: lines(0, before), hasDownload: kind === 'b' })
    for (let n = before; n < before + given; n++) {
      tail.at(1_000 + n * 10, () => {
        tail.log.push(line(n))
        if (n !== before + 9) tail.give([line(n)])
      })
    }
    tail.run(20_000)
    const own = tail.seen.filter((text) => !isGap(text))
    const left = `line ${before + 9}`
    const shown = kind === 'b' ? 0 : Math.max(0, before - 100)
    const written = dataOf(lines(shown, before + given))
    // The line came with a window, or there is a gap after the first one.
    if (!own.includes(left)) expect(tail.seen.slice(1).filter(isGap)).toHaveLength(1)
    expect(own.filter((text) => text !== left)).toEqual(written.filter((text) => text !== left))
    expect(tail.ends).toEqual(['complete'])
  }
})

test('a connection that leaves out no line costs one window at the end, and no gap', () => {
  const tail = tailed({ live: 'new', maxLines: 5_000 })
  for (let n = 0; n < 2_000; n++) {
    tail.at(1_000 + n, () => {
      tail.log.push(line(n))
      tail.give([line(n)])
    })
  }
  tail.run(10_000)
  expect(tail.seen).toEqual(dataOf(lines(0, 2_000)))
  expect(tail.read()).toBeLessThan(2_200)
})

test.each([
  ['is cut', () => dataOf(lines(0, 12))],
  ['is empty', () => []],
  ['is a page', () => ['<html>', 'sign in', '</html>']],
])('a download that %s does not keep back the lines of a job that runs', (_name, text) => {
  const tail = tailed({ first: lines(0, 15), maxLines: 20, more: { download: () => of(text()) } })
  tail.at(5_000, () => tail.log.push(...lines(15, 100)))
  for (let n = 100; n < 110; n++) tail.at(n * 200, () => tail.log.push(line(n)))
  let early: ReadonlyArray<string> = []
  tail.at(29_000, () => (early = [...tail.seen]))
  tail.run(60_000)
  expect(early.filter(isGap)).toHaveLength(1)
  expect(early.filter((text) => !isGap(text))).toEqual([...dataOf(lines(0, 15)), ...dataOf(lines(80, 110))])
  expect(tail.seen).toEqual(early)
})

test('one text ten thousand times, without times, beyond the window: new lines come from the download, none twice', () => {
  const tick = (): LogEntry => ({ source: 'stdout', timestamp: '', data: 'tick' })
  for (const keeps of ['first', 'last'] as const) {
    const tail = tailed({ keeps, hasDownload: true, maxLines: 500, first: Array.from({ length: 10_000 }, tick) })
    for (let n = 0; n < 50; n++) tail.at(5_000 + n * 500, () => tail.log.push(tick()))
    let early = 0
    tail.at(60_000, () => (early = tail.seen.length))
    tail.run(100_000)
    expect([tail.seen.length, tail.seen.filter(isGap), tail.ends]).toEqual([10_050, [], ['complete']])
    // But for the last line, which may be half a line.
    expect(early).toBeGreaterThanOrEqual(10_049)
  }
})

test('one text ten thousand times, with times: each line once, and the window is not read again', () => {
  const tick = (n: number): LogEntry => ({ ...line(n), data: 'tick' })
  const first = Array.from({ length: 10_000 }, (_, n) => tick(n))
  const tail = tailed({ maxLines: 500, first, hasDownload: true })
  for (let n = 0; n < 50; n++) tail.at(5_000 + n * 500, () => tail.log.push(tick(20_000 + n)))
  tail.run(60_000)
  expect([tail.seen.length, tail.seen.filter(isGap)]).toEqual([10_050, []])
  expect(tail.read()).toBeLessThan(5_000)
})

test('a window that is too large is given up after three tries, and a service that was only down keeps its window', () => {
  const failing = (isDown: (many: number, nth: number) => boolean) => {
    const asked: Array<number> = []
    const log = lines(0, 600)
    const tail = tailed({
      maxLines: 500,
      first: log,
      more: {
        read: (_ref, many) =>
          isDown(many, asked.push(many))
            ? throwError(() => new HttpError({ method: 'GET', path: '/log', status: 503 }))
            : of(tail.log.slice(-many)),
      },
    })
    tail.run(60_000)
    return { asked, tail }
  }
  const large = failing((many) => many > 100)
  expect(large.asked.slice(0, 12)).toEqual([500, 500, 500, 250, 250, 250, 125, 125, 125, 63, 500, 32])
  expect(large.tail.seen).toEqual(['[window]', ...dataOf(lines(537, 600))])
  const down = failing((_many, nth) => nth <= 5)
  expect(down.asked.slice(0, 8)).toEqual([500, 500, 500, 250, 250, 250, 500, 32])
  expect(down.tail.seen).toEqual(['[window]', ...dataOf(lines(100, 600))])
})

test('a line that is stored late, with an older time, is emitted once or told, and holds nothing up', () => {
  for (const live of ['none', 'new'] as const) {
    for (const back of [1, 3, 20]) {
      const tail = tailed({ live, first: lines(0, 50), maxLines: 5_000 })
      for (let n = 50; n < 100; n++) {
        tail.at(5_000 + n * 20, () => {
          tail.log.push(line(n))
          tail.give([line(n)])
        })
      }
      const late = { ...line(70), data: 'late' }
      tail.at(9_000, () => {
        tail.log.splice(tail.log.length - back, 0, late)
        tail.give([late])
      })
      for (let n = 100; n < 120; n++) {
        tail.at(10_000 + n * 20, () => {
          tail.log.push(line(n))
          tail.give([line(n)])
        })
      }
      tail.run(30_000)
      const own = tail.seen.filter((text) => !isGap(text))
      expect(own.filter((text) => text !== 'late')).toEqual(dataOf(lines(0, 120)))
      if (back <= 3) expect(tail.seen.filter((text) => isGap(text) || text === 'late').length).toBeGreaterThan(0)
    }
  }
})

test('heartbeats of one text on a connection and in the log are each emitted once', () => {
  const beat = (n: number): LogEntry => ({ ...line(n * 1_000), data: 'heartbeat' })
  const tail = tailed({ live: 'all', first: Array.from({ length: 300 }, (_, n) => beat(n)), hasDownload: true })
  for (let n = 300; n < 330; n++) {
    tail.at(1_000 + n * 100, () => {
      tail.log.push(beat(n))
      tail.give([beat(n)])
    })
  }
  tail.at(32_500, () => tail.breakAll())
  tail.run(60_000)
  expect([tail.seen.length, tail.seen.filter(isGap)]).toEqual([330, []])
})

test('a service that shows another number of lines than it was asked for is taken at its word', () => {
  for (const written of [7, 40, 90]) {
    const tail = tailed({ maxLines: 40, more: { read: () => of(tail.log.slice(-40)) }, first: lines(0, written - 3) })
    tail.at(3_000, () => tail.log.push(...lines(written - 3, written)))
    tail.run(10_000)
    const lost = Math.max(0, written - 43)
    expect(tail.seen).toEqual([...(lost > 0 ? ['[window]'] : []), ...dataOf(lines(lost, written))])
  }
})

test('two subscriptions are two tails, each with its own position', () => {
  const scheduler = new VirtualTimeScheduler(undefined, 5_000)
  const log = lines(0, 10)
  const elements = virtualTail({
    scheduler,
    log: { read: (_ref, many) => of(log.slice(-many)), stream: () => concat(of([]), NEVER) },
  })
  const seen: [Array<string>, Array<string>] = [[], []]
  for (const one of seen) elements.subscribe((batch) => one.push(...texts(batch)))
  scheduler.flush()
  expect(seen).toEqual([dataOf(log), dataOf(log)])
})
