import type { LogEntry } from '../log-entry.ts'
import { digested, digestOf } from './digest.ts'
import type { Position } from './position.ts'
import { compareTimestamps, isOrdered } from './timestamp.ts'

/**
 * Where a window goes on after what was emitted.
 *
 * `At`: from this entry on it is new (from its length on: nothing is). `Unclear`: it overlaps, but in more than one way;
 * from `from` on it is new for certain. `Apart`: nothing in it was emitted. `Behind`: all of it is older than the last line.
 */
export type Alignment =
  | { readonly _tag: 'At'; readonly from: number }
  | { readonly _tag: 'Unclear'; readonly from: number }
  | { readonly _tag: 'Apart' }
  | { readonly _tag: 'Behind' }

const at = (from: number): Alignment => ({ _tag: 'At', from })
const unclear = (from: number): Alignment => ({ _tag: 'Unclear', from })
const apart: Alignment = { _tag: 'Apart' }
const behind: Alignment = { _tag: 'Behind' }

// How many lines must agree where times do not tell. Lines without times repeat more often than lines with them.
const enoughTimed = 4
const enoughUntimed = 32

/** The same line. One from a download (without a source) has only its text to go by. */
export function matches(a: LogEntry, b: LogEntry): boolean {
  return (
    a.data === b.data && ((a.timestamp === b.timestamp && a.source === b.source) || a.source === '' || b.source === '')
  )
}

/**
 * Whether the lines before `end` are the last emitted ones, as far as both are known. After a resume only a digest is
 * known, which takes as many lines as it covers.
 */
export function agreement<Ref>(
  window: ReadonlyArray<LogEntry>,
  end: number,
  position: Position<Ref>,
): 'agrees' | 'differs' | 'untold' {
  if (position.known === 0) {
    if (position.timestamp !== '' && window[end - 1]?.timestamp !== position.timestamp) return 'differs'
    if (end < digested && end !== position.count) return 'untold'
    // After a gap the digest covers as many lines as there were since.
    const covered = position.counted ? [digested] : [4, 3, 2, 1]
    return covered.some((lines) => digestOf(window, end, lines) === position.digest) ? 'agrees' : 'differs'
  }
  const overlap = Math.min(end, position.known)
  for (let back = 1; back <= overlap; back++) {
    const [here, there] = [window[end - back], position.recent(back)]
    if (here === undefined || there === undefined || !matches(here, there)) return 'differs'
  }
  return overlap > 0 ? 'agrees' : 'untold'
}

/** By the last timestamp and how many lines were emitted at it: exact as long as times never go back. */
function byTime<Ref>(window: ReadonlyArray<LogEntry>, position: Position<Ref>): Alignment {
  const { timestamp } = position
  const first = window.findIndex((entry) => compareTimestamps(entry.timestamp, timestamp) >= 0)
  if (first < 0) return behind
  let run = 0
  while (window[first + run]?.timestamp === timestamp) run++
  if (run === 0) return apart
  // A window that begins at this very time may lack some of the lines at it.
  if (first === 0) return unclear(Math.min(run, position.at))
  if (run < position.at) return first + run === window.length ? behind : unclear(first + run)
  const from = first + position.at
  return agreement(window, from, position) === 'agrees' ? at(from) : unclear(from)
}

/** By a run of equal lines, long enough and found only once. */
function byRun<Ref>(window: ReadonlyArray<LogEntry>, position: Position<Ref>): Alignment {
  const ends: Array<number> = []
  for (let end = window.length; end > 0 && ends.length < 2; end--) {
    if (agreement(window, end, position) !== 'differs') ends.push(end)
  }
  const [end] = ends
  if (end === undefined) return isOlder(window, position) ? behind : apart
  if (agreement(window, end, position) === 'untold') return unclear(end)
  const overlap = Math.min(end, position.known === 0 ? digested : position.known)
  const timed = window.slice(end - overlap, end).every((entry) => entry.timestamp !== '')
  return ends.length === 1 && overlap >= (timed ? enoughTimed : enoughUntimed) ? at(end) : unclear(end)
}

/**
 * Finds where a window of the log goes on after a position.
 *
 * @param whole whether the window is known to be the whole log, so that lines can be counted
 */
export function align<Ref>(window: ReadonlyArray<LogEntry>, position: Position<Ref>, whole: boolean): Alignment {
  const { count } = position
  if (count === 0 || window.length === 0) return at(0)
  if (whole && position.counted) {
    if (count <= window.length && agreement(window, count, position) === 'agrees') return at(count)
    if (window.length < count && isWithin(window, position, count - window.length)) return at(window.length)
  }
  if (!position.ordered || !isOrdered(window)) return byRun(window, position)
  return position.exact ? byTime(window, position) : byRunOrTime(window, position)
}

/** Where it is not known how many lines there were at the last time: by a run, or else only what is newer is new for certain. */
function byRunOrTime<Ref>(window: ReadonlyArray<LogEntry>, position: Position<Ref>): Alignment {
  const run = byRun(window, position)
  if (run._tag === 'At') return run
  const newer = window.findIndex((entry) => compareTimestamps(entry.timestamp, position.timestamp) > 0)
  if (newer === 0) return apart
  return unclear(newer < 0 ? window.length : newer)
}

/** True where the window ends `behind` lines before the position, as far as the lines there are known. */
function isWithin<Ref>(window: ReadonlyArray<LogEntry>, position: Position<Ref>, behind: number): boolean {
  for (let back = 1; back <= window.length && back + behind <= position.known; back++) {
    const [here, there] = [window[window.length - back], position.recent(back + behind)]
    if (here === undefined || there === undefined || !matches(here, there)) return false
  }
  return behind < position.known
}

/** True where the window shows only lines that were emitted some time ago: equal texts without a time are no proof of it. */
function isOlder<Ref>(window: ReadonlyArray<LogEntry>, position: Position<Ref>): boolean {
  if (!window.some(({ timestamp }) => timestamp !== '')) return isWithinAny(window, position)
  const timed = position.known > 0 && position.recent(position.known)?.source !== ''
  return timed && isWithinAny(window, position)
}

function isWithinAny<Ref>(window: ReadonlyArray<LogEntry>, position: Position<Ref>): boolean {
  for (let behind = 1; behind < position.known; behind++) if (isWithin(window, position, behind)) return true
  return false
}
