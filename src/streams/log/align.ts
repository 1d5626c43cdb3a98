import type { LogEntry } from '../log-entry.ts'
import { digested, digestOf } from './digest.ts'
import { isEnough, matches } from './matches.ts'
import type { Position } from './position.ts'
import { compareTimestamps, isOrdered } from './timestamp.ts'

/**
 * Where a window goes on after what was emitted.
 *
 * `At`: from this entry on it is new (from its length on: nothing is), and nothing is missing before. `Unclear`: only from
 * `from` on it is new for certain. `Apart`: nothing in it was emitted.
 */
export type Alignment =
  | { readonly _tag: 'At'; readonly from: number }
  | { readonly _tag: 'Unclear'; readonly from: number }
  | { readonly _tag: 'Apart' }

const at = (from: number): Alignment => ({ _tag: 'At', from })
const unclear = (from: number): Alignment => ({ _tag: 'Unclear', from })
const apart: Alignment = { _tag: 'Apart' }

const isDefined = <A>(a: A | undefined): a is A => a !== undefined

/**
 * How many lines of the window before `end` are those emitted up to `behind` lines ago, as far as both are known;
 * undefined where one is not.
 */
function overlap<Ref>(
  window: ReadonlyArray<LogEntry>,
  end: number,
  position: Position<Ref>,
  behind = 0,
): number | undefined {
  const lines = Math.min(end, position.known - behind)
  for (let back = 1; back <= lines; back++) {
    const [here, there] = [window[end - back], position.recent(back + behind)]
    if (here === undefined || there === undefined || !matches(here, there)) return undefined
  }
  return lines
}

/** Whether the last lines before `end` have the digest of the last emitted ones; undefined for too few to tell. */
function hasDigest<Ref>(window: ReadonlyArray<LogEntry>, end: number, position: Position<Ref>): boolean | undefined {
  if (position.timestamp !== '' && window[end - 1]?.timestamp !== position.timestamp) return false
  if (end < digested && end !== position.count) return undefined
  // After a gap the digest covers as many lines as there were since.
  const covered = position.counted ? [digested] : [4, 3, 2, 1]
  return covered.some((lines) => digestOf(window, end, lines) === position.digest)
}

/**
 * Whether the lines before `end` are the last emitted ones, as far as both are known; undefined for too few to tell. After
 * a resume only a digest is known.
 */
export function agrees<Ref>(
  window: ReadonlyArray<LogEntry>,
  end: number,
  position: Position<Ref>,
): boolean | undefined {
  // More lines than were emitted cannot be those that were.
  if (position.counted && end > position.count) return false
  return position.known === 0 ? hasDigest(window, end, position) : overlap(window, end, position) !== undefined
}

/** By the last timestamp and how many lines were emitted at it: exact as long as times never go back. */
function byTime<Ref>(window: ReadonlyArray<LogEntry>, position: Position<Ref>): Alignment {
  const { timestamp } = position
  const first = window.findIndex((entry) => compareTimestamps(entry.timestamp, timestamp) >= 0)
  // Older than what was emitted, or the clock was set back.
  if (first < 0) return unclear(window.length)
  let run = 0
  while (window[first + run]?.timestamp === timestamp) run++
  if (run === 0) return apart
  // A window that begins at this very time may lack some of the lines at it.
  if (first === 0) return unclear(Math.min(run, position.at))
  if (run < position.at) return unclear(first + run)
  const from = first + position.at
  return agrees(window, from, position) === true ? at(from) : unclear(from)
}

/**
 * By a run of equal lines, long enough and found only once: in the window and, as far as they are known, among the lines
 * emitted. A log that repeated itself once may have done so again where no window shows it. A digest proves nothing.
 */
function byRun<Ref>(window: ReadonlyArray<LogEntry>, position: Position<Ref>): Alignment {
  const ends: Array<number> = []
  for (let end = window.length; end > 0 && ends.length < 2; end--) {
    if (agrees(window, end, position) !== false) ends.push(end)
  }
  const [end, other] = ends
  if (end === undefined) return isOlder(window, position) ? unclear(window.length) : apart
  const lines = Math.min(end, position.known)
  const emitted = Array.from({ length: lines }, (_, at) => position.recent(lines - at)).filter(isDefined)
  // A line of a download has no time: it is known by its text alone, whatever the window says.
  const isProof = isEnough(emitted) && isEnough(window.slice(end - lines, end))
  return isProof && other === undefined && !recurs(emitted, position) ? at(end) : unclear(end)
}

/** True where the last emitted lines were emitted once before in a row, as far as is known. */
function recurs<Ref>(last: ReadonlyArray<LogEntry>, position: Position<Ref>): boolean {
  for (let behind = 1; behind + last.length <= position.known; behind++) {
    if (overlap(last, last.length, position, behind) !== undefined) return true
  }
  return false
}

/** Where it is not known how many lines there were at the last time: by a run, or else only what is newer is new for certain. */
function byRunOrTime<Ref>(window: ReadonlyArray<LogEntry>, position: Position<Ref>): Alignment {
  const run = byRun(window, position)
  if (run._tag === 'At') return run
  const newer = window.findIndex((entry) => compareTimestamps(entry.timestamp, position.timestamp) > 0)
  if (newer === 0) return apart
  return unclear(newer < 0 ? window.length : newer)
}

/** True where the window may show only lines that were emitted some time ago. */
function isOlder<Ref>(window: ReadonlyArray<LogEntry>, position: Position<Ref>): boolean {
  for (let behind = 1; behind < position.known; behind++) {
    if (overlap(window, window.length, position, behind) !== undefined) return true
  }
  return false
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
    if (count <= window.length && agrees(window, count, position) === true) return at(count)
    const older = window.length < count ? overlap(window, window.length, position, count - window.length) : undefined
    if (older !== undefined && older > 0) return unclear(window.length)
  }
  if (!position.ordered || !isOrdered(window)) return byRun(window, position)
  return position.exact ? byTime(window, position) : byRunOrTime(window, position)
}
