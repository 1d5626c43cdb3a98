import { from, map, NEVER, type Observable, of, throwError, timer, VirtualTimeScheduler } from 'rxjs'
import {
  Cursor,
  DeadlineError,
  HttpError,
  type JobLog,
  jobSource,
  type LogElement,
  type LogEntry,
  LogGapError,
  type LoggedJobSource,
  readLog,
  tailLog,
} from 'rxjobs'
import { expect, test } from 'vitest'
import { recorded } from './support/letters.ts'

type Source = LoggedJobSource<string, string, string>
type Part = Partial<JobLog<string>>

const line = (n: number): LogEntry => ({
  source: 'stdout',
  timestamp: new Date(1_800_000_000_000 + n).toISOString(),
  data: `line ${n}`,
})
const lines = (begin: number, end: number): Array<LogEntry> =>
  Array.from({ length: end - begin }, (_, at) => line(begin + at))
const dataOf = (entries: ReadonlyArray<LogEntry>): ReadonlyArray<string> => entries.map(({ data }) => data)
const texts = (elements: ReadonlyArray<LogElement<string>>): ReadonlyArray<string> =>
  elements.map((element) => (element._tag === 'Line' ? element.data : `[${element.reason}]`))

interface Service {
  readonly scheduler: VirtualTimeScheduler
  readonly source: Source
  readonly written: Array<LogEntry>
  /** What was asked for. */
  readonly asked: Array<string>
}

/** A job whose log has so many lines now, of which a window shows 100. */
function service(count: number, { isOver = false, keeps = 'last', more = {} }: Partial<Shape> = {}): Service {
  const scheduler = new VirtualTimeScheduler(undefined, 100_000)
  const written = lines(0, count)
  const asked: Array<string> = []
  const log: JobLog<string> = {
    maxLines: 100,
    read: (_ref, many) => {
      asked.push(`log ${many}`)
      const most = Math.min(100, many)
      return timer(5, scheduler).pipe(map(() => (keeps === 'last' ? written.slice(-most) : written.slice(0, most))))
    },
    stream: () => {
      asked.push('live')
      return NEVER
    },
    ...more,
  }
  const status = (): Observable<string> => {
    asked.push('status')
    return timer(3, scheduler).pipe(map(() => (isOver ? 'over' : 'busy')))
  }
  const jobs = jobSource<string, string>({ status, phase: (job) => (job === 'over' ? 'succeeded' : 'running') })
  return { scheduler, written, asked, source: { ...jobs, keyOf: (ref: string) => ref, scheduler, log } }
}

interface Shape {
  readonly isOver: boolean
  readonly keeps: 'first' | 'last'
  readonly more: Part
}

test.each([true, false])('what the log has now is emitted, and the stream completes; the job is over: %s', (isOver) => {
  const { scheduler, source, asked } = service(40, { isOver })
  const { values, completed, endedAt } = recorded(scheduler, readLog(source, 'a'))
  expect([texts(values), completed]).toEqual([dataOf(lines(0, 40)), true])
  expect(endedAt).toBeLessThan(200)
  expect(asked).toEqual(isOver ? ['status', 'log 100', ...asked.slice(2)] : ['status', 'log 100'])
  expect(asked).not.toContain('live')
  expect(scheduler.actions).toEqual([])
})

test('an empty log completes without a value', () => {
  const { scheduler, source } = service(0)
  expect(recorded(scheduler, readLog(source, 'a'))).toMatchObject({ values: [], completed: true, endedAt: 8 })
})

test('from a cursor only the lines after it are emitted, with their indexes, and a tail goes on from there', () => {
  const { scheduler, source, written } = service(40)
  const [last] = recorded(scheduler, readLog(source, 'a')).values.slice(-1)
  const stored = Cursor.decode(JSON.parse(JSON.stringify(last?.cursor)))
  if (stored._tag === 'Left') throw new Error('no cursor')
  written.push(...lines(40, 60))
  const more = recorded(scheduler, readLog(source, 'a', { from: stored.right }))
  expect([texts(more.values), more.values[0]]).toMatchObject([dataOf(lines(40, 60)), { index: 40 }])
  const tail: Array<string> = []
  tailLog(source, 'a', { from: stored.right }).subscribe((element) => tail.push(...texts([element])))
  scheduler.maxFrames += 5_000
  scheduler.flush()
  expect(tail).toEqual(dataOf(lines(40, 60)))
})

test.each([
  ['now' as const, 48, []],
  [{ last: 7 }, 48, lines(93, 100)],
  [{ last: 50 }, 77, lines(50, 100)],
  [{ since: new Date(1_800_000_000_000 + 90) }, 96, lines(90, 100)],
])('from %j reads the least that shows where to begin: %i lines', (begin, most, expected) => {
  const { scheduler, source, asked } = service(100, { more: { maxLines: 5_000 } })
  const { values, completed } = recorded(scheduler, readLog(source, 'a', { from: begin }))
  expect([texts(values), completed]).toEqual([dataOf(expected), true])
  const read = asked.flatMap((what) => (what.startsWith('log') ? [Number(what.slice(4))] : []))
  expect(read.reduce((sum, many) => sum + many, 0)).toBeLessThanOrEqual(most)
})

const whole =
  (of: () => ReadonlyArray<LogEntry>): (() => Observable<ReadonlyArray<string>>) =>
  () =>
    from([dataOf(of())])

test.each((['first', 'last'] as const).flatMap((keeps) => [true, false].map((isOver) => ({ keeps, isOver }))))(
  'lines that no window shows come from the download; of a running job without its last line, which may be half ($keeps, over: $isOver)',
  ({ keeps, isOver }) => {
    const { scheduler, source } = service(300, { keeps, isOver, more: { download: whole(() => lines(0, 300)) } })
    const { values, completed } = recorded(scheduler, readLog(source, 'a'))
    expect([texts(values), completed]).toEqual([dataOf(lines(0, keeps === 'first' && !isOver ? 299 : 300)), true])
  },
)

test.each<[string, Part, string]>([
  ['there is no download', {}, '[window]'],
  ['the download is a web page', { download: () => of(['<html>', 'sign in', '</html>']) }, '[download]'],
  ['the download is empty', { download: () => of([]) }, '[download]'],
  ['the download is cut', { download: () => of(dataOf(lines(0, 80))) }, '[download]'],
  ['the download is refused', { download: () => throwError(() => refused(403)) }, '[window]'],
])('where %s, what cannot be had is a gap, whether the job is over or not', (_name, more, gap) => {
  for (const isOver of [true, false]) {
    const tail = service(300, { isOver, more })
    const last = recorded(tail.scheduler, readLog(tail.source, 'a'))
    expect([texts(last.values), last.completed]).toEqual([
      [expect.stringMatching(/^\[/), ...dataOf(lines(200, 300))],
      true,
    ])
    const head = service(300, { isOver, keeps: 'first', more })
    const first = recorded(head.scheduler, readLog(head.source, 'a'))
    const shown = texts(first.values)
    expect(shown.slice(0, 100)).toEqual(dataOf(lines(0, 100)))
    expect([shown.at(-1), first.completed]).toEqual([gap === '[window]' ? gap : expect.stringMatching(/^\[/), true])
    const strict = service(300, { isOver, keeps: 'first', more })
    expect(recorded(strict.scheduler, readLog(strict.source, 'a', { onGap: 'error' })).error).toBeInstanceOf(
      LogGapError,
    )
  }
})

const refused = (status: number): HttpError => new HttpError({ method: 'GET', path: '/download', status })

test('an answer that is older than the cursor is asked for again, and is a gap after five seconds', () => {
  const { scheduler, source, written } = service(60)
  const [last] = recorded(scheduler, readLog(source, 'a')).values.slice(-1)
  written.splice(50)
  const waiting = readLog(source, 'a', { ...(last && { from: last.cursor }) })
  scheduler.schedule(() => written.push(...lines(50, 70)), 2_000)
  const late = recorded(scheduler, waiting)
  expect([texts(late.values), late.completed]).toEqual([dataOf(lines(60, 70)), true])
  written.splice(50)
  const lost = recorded(scheduler, readLog(source, 'a', { ...(last && { from: last.cursor }) }))
  expect([texts(lost.values), lost.completed]).toEqual([['[ambiguous]'], true])
})

test('a log that the service counts is read page by page to its end', () => {
  for (const isOver of [true, false]) {
    const { scheduler, source, asked } = service(95, {
      isOver,
      more: {
        after: (_ref, offset) => {
          asked.push(`after ${offset}`)
          return timer(5, scheduler).pipe(
            map(() => ({ entries: lines(offset, Math.min(offset + 25, 95)), nextOffset: Math.min(offset + 25, 95) })),
          )
        },
      },
    })
    const { values, completed, endedAt } = recorded(scheduler, readLog(source, 'a', { from: { last: 30 } }))
    expect([texts(values), completed]).toEqual([dataOf(lines(65, 95)), true])
    expect(endedAt).toBeLessThan(1_000)
    if (!isOver) expect(asked).toEqual(['status', 'after 0', 'after 25', 'after 50', 'after 75'])
  }
})

test('a log that is written all the time is read once', () => {
  const { scheduler, source, written } = service(30)
  for (let n = 30; n < 2_000; n++) scheduler.schedule(() => written.push(line(n)), n)
  const { values, endedAt } = recorded(scheduler, readLog(source, 'a'))
  expect(endedAt).toBe(8)
  expect(texts(values)).toEqual(dataOf(lines(0, 30)))
})

test('its options are checked at the call, and a deadline holds', () => {
  const { scheduler, source } = service(10, { more: { read: () => NEVER } })
  expect(() => readLog(source, 'a', { stallTimeout: 5 } as object)).toThrow(/readLog: .*stallTimeout/)
  const other = { job: 'b', offset: 0, timestamp: '', linesAtTimestamp: 0, checksum: 0 }
  expect(() => readLog(source, 'a', { from: other })).toThrow(/readLog: from is a cursor of job "b"/)
  const { error, endedAt } = recorded(scheduler, readLog(source, 'a', { deadline: 4_000 }))
  expect([error instanceof DeadlineError, endedAt]).toEqual([true, 4_000])
  expect(scheduler.actions).toEqual([])
})
