import { map, of, ReplaySubject, timer, VirtualTimeScheduler } from 'rxjs'
import { expect, test } from 'vitest'
import { Cursor } from '../../../src/streams/log/index.ts'
import type { JobLog, LogElement, LogEntry, LogStart } from '../../../src/streams/types.ts'
import { line, lines, texts, virtualTail } from './virtual-tail.ts'

const dataOf = (entries: ReadonlyArray<LogEntry>): ReadonlyArray<string> => entries.map(({ data }) => data)
const moment = (n: number): Date => new Date(1_800_000_000_000 + n)

interface Case {
  readonly from: LogStart
  /** How many lines there are at first; ten more follow. */
  readonly written: number
  readonly keeps?: 'first' | 'last'
  readonly maxLines?: number
  readonly isOver?: boolean
  readonly more?: (log: ReadonlyArray<LogEntry>) => Partial<JobLog<string>>
}

/** Tails a log from a start: its elements, and how many lines were read before the first ten seconds were over. */
function tail({ from, written, keeps = 'last', maxLines = 5_000, isOver = false, more }: Case) {
  const scheduler = new VirtualTimeScheduler(undefined, 60_000)
  const over = new ReplaySubject<void>(1)
  const log = lines(0, written)
  const elements: Array<LogElement<string>> = []
  let readAtFirst = 0
  if (isOver) over.next()
  virtualTail({
    scheduler,
    jobEnd: over,
    from,
    log: {
      maxLines,
      read: (_ref, many) =>
        timer(5, scheduler).pipe(
          map(() => {
            const most = Math.min(many, maxLines)
            const window = keeps === 'last' ? log.slice(-most) : log.slice(0, most)
            if (scheduler.now() < 100) readAtFirst += window.length
            return window
          }),
        ),
      ...more?.(log),
    },
  }).subscribe((batch) => elements.push(...batch))
  if (!isOver) {
    for (let n = 0; n < 10; n++) scheduler.schedule(() => log.push(line(written + n)), 10_000 + 500 * n)
    scheduler.schedule(() => over.next(), 30_000)
  }
  scheduler.flush()
  const [first] = elements
  return { seen: texts(elements), first: first?._tag === 'Line' ? first : undefined, readAtFirst, elements }
}

test.each([0, 1, 3, 20, 1_000, 20_000])(
  "'now' emits only lines written after the subscription (%i lines before)",
  (written) => {
    const { seen, readAtFirst } = tail({ from: 'now', written })
    expect(seen).toEqual(dataOf(lines(written, written + 10)))
    // A window that proves a place, and half as many lines to see which end of the log it shows.
    expect(readAtFirst).toBeLessThanOrEqual(32 + 16)
  },
)

test.each([
  [5, 3],
  [5, 5],
  [5, 0],
  [200, 10],
  [200, 400],
  [20_000, 200],
  [20_000, 4_999],
])('of %i lines { last: %i } emits the last ones, and goes on', (written, last) => {
  const { seen, readAtFirst } = tail({ from: { last }, written })
  expect(seen).toEqual(dataOf(lines(Math.max(0, written - last), written + 10)))
  expect(readAtFirst).toBeLessThanOrEqual(Math.max(last + 1, 32) + 40)
})

test.each([
  [100, -5],
  [100, 0],
  [100, 40],
  [100, 99],
  [100, 100],
  [20_000, 19_990],
  [20_000, 18_000],
])('of %i lines { since } emits those at or after the moment, and goes on', (written, since) => {
  const { seen, readAtFirst } = tail({ from: { since: moment(since) }, written })
  expect(seen).toEqual(dataOf(lines(Math.max(0, since), written + 10)))
  // Windows of 64, 512, 4 096, as far as needed, and 32 lines to see which end of the log they show.
  const wanted = Math.min(5_000, written - Math.max(0, since))
  const wider = wanted < 64 ? 0 : wanted < 512 ? Math.min(written, 512) : 512 + 4_096
  expect(readAtFirst).toBeLessThanOrEqual(64 + 32 + wider)
})

test('{ since } a moment that is yet to come waits for it', () => {
  expect(tail({ from: { since: moment(105) }, written: 100 }).seen).toEqual(dataOf(lines(105, 110)))
})

test('{ since } a moment before the window begins with a gap', () => {
  const { seen } = tail({ from: { since: moment(10) }, written: 1_000, maxLines: 100 })
  expect(seen).toEqual(['[window]', ...dataOf(lines(900, 1_010))])
})

test('more last lines than a window shows come from the download', () => {
  const download = (log: ReadonlyArray<LogEntry>): Partial<JobLog<string>> => ({ download: () => of(dataOf(log)) })
  const { seen, first } = tail({ from: { last: 300 }, written: 1_000, maxLines: 100, more: download })
  expect(seen).toEqual(dataOf(lines(700, 1_010)))
  expect(first?.index).toBe(700)
  // Without one there is a gap.
  expect(tail({ from: { last: 300 }, written: 1_000, maxLines: 100 }).seen).toEqual([
    '[window]',
    ...dataOf(lines(900, 1_010)),
  ])
})

test('where windows show the first lines the start is the same, at the price of reading the log', () => {
  const first = { written: 60, keeps: 'first' as const }
  expect(tail({ ...first, from: 'now' }).seen).toEqual(dataOf(lines(60, 70)))
  expect(tail({ ...first, from: { last: 5 } }).seen).toEqual(dataOf(lines(55, 70)))
  expect(tail({ ...first, from: { since: moment(50) } }).seen).toEqual(dataOf(lines(50, 70)))
})

test('of a job that is over the last lines are emitted, and nothing from now on', () => {
  expect(tail({ from: 'now', written: 500, isOver: true }).seen).toEqual([])
  expect(tail({ from: { last: 7 }, written: 500, isOver: true }).seen).toEqual(dataOf(lines(493, 500)))
})

test('indexes are places in the log where it was read whole, else they count what was emitted', () => {
  const whole = tail({ from: { last: 3 }, written: 10 })
  expect([whole.first?.index, whole.first?.cursor.incomplete]).toEqual([7, undefined])
  const part = tail({ from: { last: 3 }, written: 1_000, maxLines: 100 })
  expect([part.first?.index, part.first?.cursor.incomplete]).toEqual([0, true])
})

test('a cursor of a stream that began in the middle goes on after its line', () => {
  for (const from of ['now', { last: 40 }, { since: moment(960) }] as const) {
    const { elements } = tail({ from, written: 1_000 })
    const cursor = elements[5]?.cursor
    if (cursor === undefined) throw new Error('too few elements')
    const stored = Cursor.decode(JSON.parse(JSON.stringify(cursor)))
    if (stored._tag === 'Left') throw new Error('not a cursor')
    const { seen } = tail({ from: stored.right, written: 1_010, isOver: true })
    expect(seen).toEqual(texts(elements.slice(6)))
  }
})

test.each<[LogStart, number]>([
  ['now', 100],
  [{ last: 30 }, 70],
  [{ since: moment(90) }, 90],
])('on a log that the service counts %j is found by offsets', (from, index) => {
  const counted = (log: ReadonlyArray<LogEntry>): Partial<JobLog<string>> => ({
    after: (_ref, offset) => {
      const entries = log.slice(offset, offset + 40)
      return of({ entries, nextOffset: offset + entries.length })
    },
  })
  const { seen, first } = tail({ from, written: 100, more: counted })
  expect(seen).toEqual(dataOf(lines(index, 110)))
  expect([first?.index, first?.cursor.incomplete]).toEqual([index, undefined])
})
