import { defer, from, type Observable, of, VirtualTimeScheduler } from 'rxjs'
import { type JobLog, type LogEntry } from 'rxjobs'
import { expect, test } from 'vitest'
import { alwaysReady } from '../../../src/core/index.ts'
import { Link } from '../../../src/streams/link.ts'
import { start } from '../../../src/streams/log/cursor.ts'
import { emitter } from '../../../src/streams/log/emitter.ts'
import { LogReader } from '../../../src/streams/log/log-reader.ts'
import { Position } from '../../../src/streams/log/position.ts'

const stamp = (at: number): string => new Date(1_800_000_000_000 + at).toISOString()
const numbered = (many: number): ReadonlyArray<LogEntry> =>
  Array.from({ length: many }, (_, at) => ({ source: 'stdout', timestamp: stamp(at), data: String(at) }))
const texts = (from: number, to: number): ReadonlyArray<string> =>
  Array.from({ length: to - from }, (_, at) => String(from + at))

interface Setup {
  readonly widest: number
  readonly keeps?: 'first' | 'last'
  /** How many lines of the log the download shows; without it there is none. */
  readonly download?: () => number
  readonly repair?: boolean
}

/** A reader of a log of numbered lines that grows as told. */
function read({ widest, keeps = 'last', download, repair = true }: Setup): {
  /** Looks at the log when it has so many lines: what that adds. */
  readonly look: (lines: number, complete?: boolean) => ReadonlyArray<string>
  readonly reader: LogReader<string>
  readonly downloads: () => number
} {
  const scheduler = new VirtualTimeScheduler()
  const position = new Position('job', start)
  const emit = emitter('job', position, 1_000)
  let downloads = 0
  let log = numbered(0)
  const full = (): Observable<string> =>
    defer(() => {
      downloads++
      return from(log.slice(0, download?.()).map(({ data }) => data))
    })
  const jobLog: JobLog<string> = {
    widest,
    window: (_ref, lines) => {
      const most = Math.min(lines, widest)
      return of(keeps === 'last' ? log.slice(-most) : log.slice(0, most))
    },
    ...(download === undefined ? {} : { full }),
  }
  const link = new Link('log', { scheduler, maxFailures: 3, report: () => undefined })
  const reader = new LogReader({ log: jobLog, ref: 'job', position, emit, link, ready: alwaysReady, repair })
  const look = (lines: number, complete = false): ReadonlyArray<string> => {
    log = numbered(lines)
    const seen: Array<string> = []
    reader.look(complete).subscribe((elements) => {
      for (const element of elements) seen.push(element._tag === 'Line' ? element.data : `gap: ${element.reason}`)
    })
    scheduler.flush()
    return seen
  }
  return { look, reader, downloads: () => downloads }
}

const whole = (): number => Number.POSITIVE_INFINITY

test('each look adds what is new, and no more', () => {
  const { look } = read({ widest: 100 })
  expect(look(0)).toEqual([])
  expect(look(10)).toEqual(texts(0, 10))
  expect(look(10)).toEqual([])
  expect(look(90)).toEqual(texts(10, 90))
  expect(look(170)).toEqual(texts(90, 170))
})

test('lines that no window shows come from the download', () => {
  const { look, downloads } = read({ widest: 20, download: whole })
  expect(look(15)).toEqual(texts(0, 15))
  expect(look(100, true)).toEqual(texts(15, 100))
  expect(downloads()).toBe(1)
})

test('without a download, or unless it is wanted, they are a gap', () => {
  for (const setup of [{ widest: 20 }, { widest: 20, download: whole, repair: false }]) {
    const { look, downloads } = read(setup)
    look(15)
    expect(look(100)).toEqual(['gap: window', ...texts(80, 100)])
    expect(look(101)).toEqual(['100'])
    expect(downloads()).toBe(0)
  }
})

test('where the service keeps the first lines the rest comes from the download, at its price', () => {
  const { look, reader } = read({ widest: 20, keeps: 'first', download: whole })
  expect(look(10)).toEqual(texts(0, 10))
  expect(reader.costly).toBe(false)
  // The last line may be half a line while the log is written.
  expect(look(50)).toEqual(texts(10, 49))
  expect(reader.costly).toBe(true)
  expect(look(60, true)).toEqual(texts(49, 60))
  expect(reader.exhausted).toBe(true)
})

test('where the service keeps the first lines and has no download the rest is a gap', () => {
  const { look } = read({ widest: 20, keeps: 'first' })
  look(10)
  expect(look(50)).toEqual(texts(10, 20))
  expect(look(60, true)).toEqual(['gap: window'])
})

test('a download that does not show what the window shows hides nothing', () => {
  for (const shown of [0, 10, 15, 40]) {
    const { look } = read({ widest: 20, download: () => shown })
    const first = look(15)
    const rest = [...look(100, true), ...look(100, true), ...look(100, true)]
    const lines = [...first, ...rest].filter((text) => !text.startsWith('gap'))
    expect(rest.some((text) => text.startsWith('gap'))).toBe(true)
    expect(lines).toEqual([...texts(0, Math.max(15, shown)), ...texts(80, 100)])
  }
})
