import { EMPTY, VirtualTimeScheduler } from 'rxjs'
import type { LogEntry } from 'rxjobs'
import { expect, test } from 'vitest'
import { alwaysReady } from '../../../src/core/index.ts'
import { Link } from '../../../src/streams/link.ts'
import { start } from '../../../src/streams/log/cursor.ts'
import { emitter } from '../../../src/streams/log/emitter.ts'
import { Joining } from '../../../src/streams/log/joining.ts'
import { LogReader } from '../../../src/streams/log/log-reader.ts'
import { Position } from '../../../src/streams/log/position.ts'

const stamp = (at: number): string => new Date(1_800_000_000_000 + at).toISOString()
const line = (at: number): LogEntry => ({ source: 'stdout', timestamp: stamp(at), data: String(at) })
const untimed = (at: number): LogEntry => ({ source: 'stdout', timestamp: '', data: String(at) })
const range = (from: number, to: number): ReadonlyArray<number> =>
  Array.from({ length: to - from }, (_, at) => from + at)

/** Joins a connection to a log whose first lines were emitted. */
function joining(emitted: ReadonlyArray<LogEntry>) {
  const position = new Position('job', start)
  const emit = emitter('job', position, 1_000)
  const link = new Link('log', { scheduler: new VirtualTimeScheduler(), maxFailures: 0, report: () => undefined })
  const log = { window: () => EMPTY }
  const reader = new LogReader({ log, ref: 'job', position, emit, link, ready: alwaysReady, repair: true })
  emit.lines(emitted)
  const made = new Joining(position, reader)
  return { made, emit: (entries: ReadonlyArray<LogEntry>) => void emit.lines(entries) }
}

test('entries that overlap what was emitted are joined at once, without those that were', () => {
  const { made } = joining(range(0, 10).map(line))
  made.hold(range(5, 12).map(line))
  expect(made.step('arrived')).toEqual({ _tag: 'join', entries: [line(10), line(11)], gap: false })
  expect(made.release()).toEqual([])
})

test('newer entries are joined when the log has shown the first of them, however late', () => {
  const { made, emit } = joining(range(0, 10).map(line))
  made.hold([line(20), line(21)])
  expect(made.step('arrived')).toEqual({ _tag: 'look' })
  expect(made.gaveNew).toBe(true)
  // The log lags behind: what it shows now was before.
  emit([line(15)])
  expect(made.step('read more')).toEqual({ _tag: 'look' })
  emit([line(20), line(21)])
  expect(made.step('read more')).toEqual({ _tag: 'join', entries: [], gap: false })
})

test('a log that never shows them is silent, after a stated number of looks', () => {
  const { made } = joining([line(0)])
  made.hold([line(20)])
  const steps = [made.step('arrived'), ...range(0, 12).map(() => made.step('read'))].map(({ _tag }) => _tag)
  expect(steps).toEqual([...Array<string>(12).fill('look'), 'silent'])
})

test('lines that were emitted, sent again, are waited beyond; nothing is looked for on their account but once', () => {
  const { made } = joining([line(0), line(0)])
  made.hold([line(0)])
  expect([made.step('arrived'), made.step('read')]).toEqual([{ _tag: 'look' }, { _tag: 'wait' }])
  expect(made.gaveNew).toBe(false)
})

test('lines without a time are looked for a while and then given up, unless a long run of them tells the place', () => {
  const { made } = joining(range(0, 60).map(untimed))
  made.hold(range(50, 61).map(untimed))
  const steps = [made.step('arrived'), ...range(0, 12).map(() => made.step('read'))].map(({ _tag }) => _tag)
  expect(steps).toEqual([...Array<string>(12).fill('look'), 'useless'])
  const long = joining(range(0, 60).map(untimed)).made
  long.hold(range(20, 61).map(untimed))
  expect(long.step('arrived')).toEqual({ _tag: 'join', entries: [untimed(60)], gap: false })
})

test('many entries that are old for certain are not held', () => {
  const { made } = joining(range(0, 5_000).map(line))
  made.hold(range(0, 4_000).map(line))
  expect(made.release()).toEqual([line(3_999)])
})

test('more than is worth it, in number or in size, is too many; what was dropped or released is not counted', () => {
  const first = joining([]).made
  first.hold(range(0, 50_000).map(line))
  expect(first.tooMany).toBe(false)
  first.hold([line(50_000)])
  expect(first.tooMany).toBe(true)
  first.release()
  expect(first.tooMany).toBe(false)
  const long = joining([]).made
  const large: LogEntry = { ...line(0), data: 'x'.repeat(2 ** 20) }
  for (let nth = 0; nth < 16; nth++) long.hold([large])
  expect(long.tooMany).toBe(false)
  long.hold([large])
  expect(long.tooMany).toBe(true)
  const old = joining(range(0, 60_000).map(line)).made
  for (let from = 0; from < 60_000; from += 100) old.hold(range(from, from + 100).map(line))
  expect(old.tooMany).toBe(false)
})
