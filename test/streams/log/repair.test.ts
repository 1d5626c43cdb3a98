import * as fc from 'fast-check'
import { from, type Observable, of, ReplaySubject, throwError, VirtualTimeScheduler } from 'rxjs'
import { expect, test } from 'vitest'
import { HttpError, NetworkError } from '../../../src/core/index.ts'
import { DownloadMatcher } from '../../../src/streams/log/download.ts'
import type { Position } from '../../../src/streams/log/position.ts'
import type { JobLog, LogEntry, LogStart } from '../../../src/streams/types.ts'
import { line, lines, positionAfter, texts, virtualTail } from './virtual-tail.ts'

const dataOf = (entries: ReadonlyArray<LogEntry>): ReadonlyArray<string> => entries.map(({ data }) => data)

interface Case {
  /** How the log grows: so many lines at each read. */
  readonly growth: ReadonlyArray<number>
  readonly maxLines: number
  readonly keeps?: 'first' | 'last'
  readonly download?: (written: ReadonlyArray<LogEntry>, isOver: boolean) => Observable<ReadonlyArray<string>>
  readonly repair?: boolean
}

/** Polls a log that grows with each second, and is over with its last growth: what is emitted in the end, and in between. */
function tail({ growth, maxLines, keeps = 'last', download, repair = true }: Case) {
  const scheduler = new VirtualTimeScheduler(undefined, 200_000)
  const over = new ReplaySubject<void>(1)
  const seen: Array<string> = []
  const states: Array<string> = []
  const after: Array<number> = []
  const ends: Array<unknown> = []
  let written: ReadonlyArray<LogEntry> = []
  let isOver = false
  let downloads = 0
  const log: JobLog<string> = {
    maxLines,
    read: (_ref, many) => {
      const most = Math.min(many, maxLines)
      return of(keeps === 'last' ? written.slice(-most) : written.slice(0, most))
    },
    ...(download && {
      download: () => {
        downloads++
        return download(written, isOver)
      },
    }),
  }
  for (const [at, lengthThen] of growth.entries()) {
    scheduler.schedule(() => {
      after.push(seen.length)
      written = lines(0, lengthThen)
      if (at < growth.length - 1) return
      isOver = true
      over.next()
    }, at * 20_000)
  }
  virtualTail({
    scheduler,
    jobEnd: over,
    log,
    onGap: repair ? 'repair' : 'emit',
    maxAttempts: 3,
    report: ({ state }) => states.push(state),
  }).subscribe({
    next: (batch) => seen.push(...texts(batch)),
    error: (error: unknown) => ends.push(error),
    complete: () => ends.push('complete'),
  })
  scheduler.flush()
  return { seen, downloads, ends, states, after }
}

const whole = (written: ReadonlyArray<LogEntry>): Observable<ReadonlyArray<string>> => of(dataOf(written))

test('lines that no window shows come from the download', () => {
  const { seen, downloads, ends } = tail({ growth: [15, 100], maxLines: 20, download: whole })
  expect([seen, downloads, ends]).toEqual([dataOf(lines(0, 100)), 1, ['complete']])
})

test('without a download, or without leave to repair, they are a gap', () => {
  for (const more of [{}, { download: whole, repair: false }]) {
    const { seen, downloads } = tail({ growth: [15, 100, 101], maxLines: 20, ...more })
    expect(seen).toEqual([...dataOf(lines(0, 15)), '[window]', ...dataOf(lines(80, 101))])
    expect(downloads).toBe(0)
  }
})

test('a download that the service lacks is asked for once', () => {
  const missing = (): Observable<never> => throwError(() => new HttpError({ method: 'GET', path: '/d', status: 404 }))
  const { seen, downloads } = tail({ growth: [15, 100, 200, 200], maxLines: 20, download: missing })
  expect(downloads).toBe(1)
  expect(seen.filter((text) => text === '[window]')).toHaveLength(2)
})

test('a download that fails is tried again as often as reads are, and the connection is well after it', () => {
  let asked = 0
  const shaky = (written: ReadonlyArray<LogEntry>): Observable<ReadonlyArray<string>> =>
    asked++ % 2 === 0
      ? throwError(() => new NetworkError({ method: 'GET', path: '/d', cause: 'reset' }))
      : whole(written)
  const { seen, states, ends } = tail({ growth: [15, 100, 200, 300, 400], maxLines: 50, download: shaky })
  expect([seen, ends]).toEqual([dataOf(lines(0, 400)), ['complete']])
  expect(states.join()).toBe(`open${',retrying,open'.repeat(4)}`)
})

test('where windows show the first lines the rest comes from the download; its last line may be half a line', () => {
  const { seen, after } = tail({ growth: [10, 50, 60], maxLines: 20, keeps: 'first', download: whole })
  expect(seen).toEqual(dataOf(lines(0, 60)))
  expect(after[2]).toBe(49)
})

test('where windows show the first lines and there is no download, or a short one, there is a gap at the end', () => {
  const first = { growth: [10, 60], maxLines: 20, keeps: 'first' as const }
  for (const download of [undefined, () => of([]), () => of(dataOf(lines(0, 12)))]) {
    const { seen, ends } = tail({ ...first, ...(download && { download }) })
    expect(seen).toEqual([...dataOf(lines(0, 20)), download ? '[download]' : '[window]'])
    expect(ends).toEqual(['complete'])
  }
})

test.each<[string, (written: ReadonlyArray<LogEntry>) => ReadonlyArray<string>]>([
  ['a login page', () => ['<!doctype html>', '<html>', '<body>Please sign in</body>', '</html>']],
  ['a login page of many lines', () => Array.from({ length: 2_000 }, (_, n) => `<p>${n}</p>`)],
  ['nothing', () => []],
  ['the log of another job', () => lines(5_000, 5_600).map(({ data }) => `other ${data}`)],
  ['the times of another log before each line', (written) => written.map((_, n) => `${line(n).timestamp} other ${n}`)],
  ['half of the lines', (written) => dataOf(written).filter((_, n) => n % 2 === 0)],
])('a download that answers with %s is not taken for the log, whether the job runs or is over', (_name, page) => {
  const download = (written: ReadonlyArray<LogEntry>): Observable<ReadonlyArray<string>> => from([page(written)])
  const finished = tail({ growth: [600], maxLines: 50, download })
  expect(finished.seen[0]).toMatch(/^\[/)
  expect(finished.seen.slice(1)).toEqual(dataOf(lines(550, 600)))
  const running = tail({ growth: [600, 640, 680], maxLines: 50, download })
  expect(running.seen.slice(1)).toEqual(dataOf(lines(550, 680)))
  // The new lines are not held up.
  expect(running.after[2]).toBe(1 + 50 + 40)
})

const slashed = (timestamp: string): string =>
  timestamp
    .replaceAll('-', '/')
    .replace('T', ' ')
    .replace(/(?:\.(\d+))?Z$/, (_, digits = '') => `.${String(digits).padEnd(9, '0')}`)
const trimmed = (entry: LogEntry): LogEntry => ({ ...entry, timestamp: entry.timestamp.replace(/\.?0*Z$/, 'Z') })
const hourLater = (timestamp: string): string => new Date(Date.parse(timestamp) + 3_600_000).toISOString()

test.each<[string, (entry: LogEntry) => LogEntry, (timestamp: string) => string]>([
  ['YYYY/MM/DD HH:MM:SS.nnnnnnnnn', (entry) => entry, slashed],
  ['YYYY/MM/DD HH:MM:SS.nnnnnnnnn, while the log leaves out zeros', trimmed, slashed],
  ['YYYY/MM/DD HH:MM:SS.nnnnnnnnn in local time', (entry) => entry, (timestamp) => slashed(hourLater(timestamp))],
  ['an RFC 3339 timestamp', trimmed, (timestamp) => timestamp],
  [
    'an RFC 3339 timestamp with an offset',
    (entry) => entry,
    (timestamp) => `${hourLater(timestamp).slice(0, -1)}000+01:00`,
  ],
])('a download with %s before each line repairs, and its lines have the times of the log', (_name, form, before) => {
  const log = lines(0, 600).map(form)
  const text = log.map(({ timestamp, data }) => `${before(timestamp)} ${data}`)
  for (const from of ['start', positionAfter(log.slice(0, 70)).cursor] as const) {
    for (const keeps of ['first', 'last']) {
      const emitted = emittedOf(log, text, { from, keeps })
      expect(emitted).toEqual(log.slice(from === 'start' ? 0 : 70).map(({ timestamp, data }) => ({ timestamp, data })))
    }
  }
})

test('lines whose own text begins with a time keep it, whether the download puts another one before it or not', () => {
  const log = lines(0, 600).map((entry) => ({ ...entry, data: `${slashed(entry.timestamp)} ${entry.data}` }))
  for (const before of ['', '2026/11/28 07:00:00.000000000 ']) {
    const emitted = emittedOf(
      log,
      log.map(({ data }) => `${before}${data}`),
      { from: 'start', keeps: 'last' },
    )
    expect(emitted.map(({ data }) => data)).toEqual(dataOf(log))
  }
})

/** The lines that are emitted of a finished job, whose windows show 100 lines of its log; a gap is a line without a text. */
function emittedOf(log: ReadonlyArray<LogEntry>, text: ReadonlyArray<string>, { from, keeps }: Start) {
  const emitted: Array<Pick<LogEntry, 'timestamp' | 'data'>> = []
  const over = new ReplaySubject<void>(1)
  over.next()
  const scheduler = new VirtualTimeScheduler()
  virtualTail({
    scheduler,
    from,
    jobEnd: over,
    log: {
      maxLines: 100,
      read: (_ref, many) => of(keeps === 'last' ? log.slice(-Math.min(100, many)) : log.slice(0, Math.min(100, many))),
      download: () => of(text),
    },
  }).subscribe((batch) => {
    for (const element of batch) {
      if (element._tag === 'Line') emitted.push({ timestamp: element.timestamp, data: element.data })
      else emitted.push({ timestamp: '', data: '' })
    }
  })
  scheduler.flush()
  return emitted
}

interface Start {
  readonly from: LogStart
  readonly keeps: string
}

const ansiOf = /\x1b\[\d*m/g

test.each<[string, (n: number) => string, (data: string) => string]>([
  ['blanks at line ends are left out', (n) => `line ${n}  \t`, (data) => data.trimEnd()],
  ['colours are left out', (n) => `\x1b[31mline ${n}\x1b[0m`, (data) => data.replace(ansiOf, '')],
  ['a carriage return at the end is left out', (n) => `line ${n}\r`, (data) => data.replace('\r', '')],
  [
    'halves of characters are written otherwise',
    (n) => `line ${n} \ufffd\ufffd.`,
    (data) => data.replace('\ufffd\ufffd', '\ufffd'),
  ],
  [
    'lines are cut at 4096 characters',
    (n) => `line ${n} ${'x'.repeat(n % 3 === 0 ? 4_200 : 9)}`,
    (data) => data.slice(0, 4_096),
  ],
  [
    'lines are cut in the middle of a character',
    (n) => `line ${n} ${'€'.repeat(2_000)}`,
    (data) => `${data.slice(0, 1_365)}\ufffd`,
  ],
])('a download in which %s is the log', (_name, data, rendered) => {
  const log = lines(0, 600).map((entry, n) => ({ ...entry, data: data(n) }))
  for (const keeps of ['first', 'last']) {
    const emitted = emittedOf(
      log,
      log.map((entry) => rendered(entry.data)),
      { from: 'start', keeps },
    )
    expect(emitted.map((line) => rendered(line.data))).toEqual(log.map((entry) => rendered(entry.data)))
    // And where the log shows what the download has.
    const other = emittedOf(
      log.map((entry) => ({ ...entry, data: rendered(entry.data) })),
      dataOf(log),
      { from: 'start', keeps },
    )
    expect(other.map((line) => rendered(line.data))).toEqual(log.map((entry) => rendered(entry.data)))
  }
})

test('a download with stdout and then stderr is not taken for the log where the order cannot be that of the log', () => {
  for (const every of [2, 40, 450]) {
    const log = lines(0, 600).map((entry, n) => ({ ...entry, source: n % every === 1 ? 'stderr' : 'stdout' }))
    const [out, err] = ['stdout', 'stderr'].map((source) => dataOf(log.filter((entry) => entry.source === source)))
    const emitted = emittedOf(log, [...(out ?? []), ...(err ?? [])], { from: 'start', keeps: 'last' })
    expect(emitted.map(({ data: text }) => text)).toEqual(['', ...dataOf(log.slice(500))])
  }
})

test('a download with CRLF line ends is the log', () => {
  const log = lines(0, 600).map((entry) => ({ ...entry, data: `${entry.data}\r` }))
  const seen: Array<string> = []
  const over = new ReplaySubject<void>(1)
  over.next()
  const scheduler = new VirtualTimeScheduler()
  virtualTail({
    scheduler,
    jobEnd: over,
    log: {
      maxLines: 50,
      read: (_ref, many) => of(log.slice(-Math.min(50, many))),
      download: () => of(dataOf(lines(0, 600))),
    },
  }).subscribe((batch) => seen.push(...texts(batch)))
  scheduler.flush()
  expect(seen.map((text) => text.replace('\r', ''))).toEqual(dataOf(lines(0, 600)))
})

test('a download that lags behind the window leads up to it where they share 32 lines, and is waited for otherwise', () => {
  const lagging = (written: ReadonlyArray<LogEntry>, isOver: boolean): Observable<ReadonlyArray<string>> =>
    of(dataOf(isOver ? written : written.slice(0, -10)))
  const { seen } = tail({ growth: [15, 300, 400], maxLines: 60, download: lagging })
  expect(seen).toEqual(dataOf(lines(0, 400)))
})

test('a download that stays behind what windows show hides nothing', () => {
  for (const shown of [0, 10, 15, 40]) {
    const download = (): Observable<ReadonlyArray<string>> => of(dataOf(lines(0, shown)))
    const { seen } = tail({ growth: [15, 100], maxLines: 20, download })
    expect(seen.filter((text) => text.startsWith('['))).toHaveLength(1)
    const own = seen.filter((text) => !text.startsWith('['))
    expect(own).toEqual([...dataOf(lines(0, Math.max(15, shown))), ...dataOf(lines(80, 100))])
  }
})

test.each([413, 503])('windows that are too large for the service (%i) are followed by narrower ones', (status) => {
  const scheduler = new VirtualTimeScheduler(undefined, 1_000_000)
  const over = new ReplaySubject<void>(1)
  const seen: Array<string> = []
  const asked: Array<number> = []
  const log = lines(0, 600)
  virtualTail({
    scheduler,
    jobEnd: over,
    maxAttempts: 3,
    log: {
      read: (_ref, many) => {
        asked.push(many)
        if (many > 100) return throwError(() => new HttpError({ method: 'GET', path: '/log', status }))
        return of(log.slice(-many))
      },
      download: () => of(dataOf(log)),
    },
  }).subscribe((batch) => seen.push(...texts(batch)))
  for (let n = 600; n < 700; n++) scheduler.schedule(() => log.push(line(n)), 300_000 + n * 100)
  scheduler.schedule(() => over.next(), 500_000)
  scheduler.flush()
  expect(seen).toEqual(dataOf(lines(0, 700)))
  expect(asked.filter((many) => many > 100).length).toBeLessThan(20)
})

test.each(
  ['first', 'last'].flatMap((keeps) =>
    [true, false].flatMap((hasDownload) => [5, 40].map((written) => ({ keeps, hasDownload, written }))),
  ),
)('a log that begins anew is one gap and then its new lines, while they are written (%j)', (drawn) => {
  const { keeps, hasDownload, written } = drawn
  const scheduler = new VirtualTimeScheduler(undefined, 60_000)
  const seen: Array<string> = []
  let log = lines(0, 600)
  virtualTail({
    scheduler,
    log: {
      maxLines: 500,
      read: (_ref, many) => of(keeps === 'last' ? log.slice(-Math.min(500, many)) : log.slice(0, Math.min(500, many))),
      ...(hasDownload && { download: () => of(dataOf(log)) }),
    },
  }).subscribe((batch) => seen.push(...texts(batch)))
  let before = 0
  scheduler.schedule(() => {
    before = seen.length
    log = []
  }, 5_000)
  for (let n = 0; n < written; n++) scheduler.schedule(() => log.push(line(60_000 + n)), 5_010 + n * 10)
  scheduler.maxFrames = 50_000
  scheduler.flush()
  const [gap, ...rest] = seen.slice(before)
  expect(before).toBeGreaterThanOrEqual(499)
  expect(gap).toMatch(/^\[/)
  expect(rest).toEqual(dataOf(lines(60_000, 60_000 + written)))
})

const some = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 })

/** A position after lines of these texts, which came with times; `resumed` where only its cursor is known. */
function after(emitted: ReadonlyArray<string>, resumed: boolean): Position {
  const position = positionAfter(emitted.map((data) => ({ ...line(0), data })))
  return resumed ? positionAfter([], position.cursor) : position
}

/** Reads a download in batches of two lines. */
function read(text: ReadonlyArray<string>, position: Position, window: ReadonlyArray<string>, isLogClosed: boolean) {
  const shown = window.map((data) => ({ ...line(0), data }))
  const reader = new DownloadMatcher(position, { window: shown, from: 0, isLogClosed, replay: [], times: [] })
  const entries: Array<LogEntry> = []
  for (let at = 0; at < text.length; at += 2) entries.push(...reader.push(text.slice(at, at + 2)))
  const { entries: rest, end } = reader.end()
  return { lines: dataOf([...entries, ...rest]), end, from: reader.from }
}

test('a download gives the lines between the position and the one place of the window', () => {
  fc.assert(
    fc.property(
      some,
      some,
      fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }),
      some,
      fc.boolean(),
      (emitted, missing, window, rest, resumed) => {
        const log = [...emitted, ...missing, ...window, ...rest]
        const places = log.flatMap((_, at) => (window.every((text, index) => log[at + index] === text) ? [at] : []))
        const [first = 0, ...others] = places
        const { lines: given, end, from } = read(log, after(emitted, resumed), window, true)
        // A log that is no longer written ends where its last window does.
        if (others.length === 0 && (first < emitted.length || rest.length > 0)) {
          expect(end).toBe('mismatch')
          return
        }
        expect([end, end === 'matched' ? from : 0]).toEqual([others.length > 0 ? 'rescan' : 'matched', 0])
        expect(given).toEqual(log.slice(emitted.length, Math.max(emitted.length, first)))
      },
    ),
    { numRuns: 500 },
  )
})

test('a download with another line among those emitted is another log, and nothing is taken from it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 9 }),
      some,
      fc.nat(),
      fc.boolean(),
      (emitted, fresh, at, resumed) => {
        // A checksum covers the last four lines only.
        const last = resumed ? Math.min(4, emitted.length) : emitted.length
        const other = emitted.map((text, index) => (index === emitted.length - 1 - (at % last) ? 'x' : text))
        expect(read([...other, ...fresh], after(emitted, resumed), [], true)).toMatchObject({
          lines: [],
          end: 'mismatch',
        })
      },
    ),
  )
})

test('cursors after repaired lines are those of a tail that never stopped', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 9 }), some, (emitted, fresh) => {
      const resumed = after(emitted, true)
      resumed.lines(read([...emitted, ...fresh], resumed, [], true).lines.map((data) => ({ ...line(0), data })))
      const { checksum, offset } = after([...emitted, ...fresh], false).cursor
      expect(resumed.cursor).toMatchObject({ checksum, offset })
    }),
  )
})
