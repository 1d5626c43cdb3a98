import type { LogEntry } from '../types.ts'
import { checksumLines, checksumOf, contains, isEnough, matches } from './lines.ts'
import { type Position, recentLines } from './position.ts'
import { compareTimestamps, isOrdered } from './timestamp.ts'

/**
 * Where a window goes on after a position.
 *
 * `Found`: from this entry on it is new (from its length on: nothing is), and nothing is missing before. `Ambiguous`: only from
 * `from` on it is new for certain. `Disjoint`: all of it is new, and lines are missing before it.
 */
export interface Overlap {
  readonly kind: 'Found' | 'Ambiguous' | 'Disjoint'
  readonly from: number
}

const found = (from: number): Overlap => ({ kind: 'Found', from })
const ambiguous = (from: number): Overlap => ({ kind: 'Ambiguous', from })
const disjoint: Overlap = { kind: 'Disjoint', from: 0 }

/** How many lines at one time may be left out of a window if others prove the place. */
export const enoughAtOneTime = 16

/**
 * How many lines before `end` are those taken up to `behind` lines ago, as far as both are known, at most `most`; undefined where
 * one is not.
 */
function agreement(
  lines: ReadonlyArray<LogEntry>,
  end: number,
  position: Position,
  behind = 0,
  most: number = recentLines,
): number | undefined {
  const count = Math.min(end, position.known - behind, most)
  for (let back = 1; back <= count; back++) {
    const [here, there] = [lines[end - back], position.recent(back + behind)]
    if (here === undefined || there === undefined || !matches(here, there)) return undefined
  }
  return Math.max(0, count)
}

/** Whether the lines before `end` have the position's checksum; undefined where they are too few to tell. */
function hasChecksum(window: ReadonlyArray<LogEntry>, end: number, position: Position): boolean | undefined {
  if (position.timestamp !== '' && window[end - 1]?.timestamp !== position.timestamp) return false
  const isFirst = position.isComplete && end === position.offset
  if (end < checksumLines && !isFirst) return undefined
  // After a gap it covers as many lines as there were since.
  const covered = position.isComplete ? [checksumLines] : [4, 3, 2, 1]
  return covered.some((lines) => checksumOf(window, end, lines) === position.checksum)
}

/**
 * Whether the lines before `end` are the last that were taken, as far as both are known; undefined where they are too few to tell.
 * A resumed position knows only a checksum.
 */
export function agrees(
  window: ReadonlyArray<LogEntry>,
  end: number,
  position: Position,
  most: number = recentLines,
): boolean | undefined {
  if (position.isComplete && end > position.offset) return false
  if (position.known === 0) return hasChecksum(window, end, position)
  return agreement(window, end, position, 0, most) !== undefined
}

/** By the last time and how many lines were taken at it: exact as long as times never go back. */
function byTime(window: ReadonlyArray<LogEntry>, position: Position, extract: Extract): Overlap {
  const { timestamp, linesAtTimestamp } = position
  const first = window.findIndex((entry) => compareTimestamps(entry.timestamp, timestamp) >= 0)
  // Older than the position, or the clock was set back.
  if (first < 0) return ambiguous(window.length)
  let run = 0
  while (window[first + run]?.timestamp === timestamp) run++
  if (run === 0) return disjoint
  if (first === 0) return atOneTime(window, position, run)
  if (run < linesAtTimestamp) {
    // An old window, or one line was delivered twice.
    const isSame = extract !== 'live' && (agreement(window, first, position, linesAtTimestamp, checksumLines) ?? 0) > 0
    return isSame ? found(first + run) : ambiguous(first + run)
  }
  const from = first + linesAtTimestamp
  return agrees(window, from, position, Math.max(checksumLines, linesAtTimestamp)) === true
    ? found(from)
    : ambiguous(from)
}

/** In a window that begins at the last time and may lack some of the lines at it: by a long run of equal lines. */
function atOneTime(window: ReadonlyArray<LogEntry>, position: Position, run: number): Overlap {
  const overlap = byRun(window, position)
  const isProof = overlap.kind === 'Found' && Math.min(overlap.from, position.known) >= enoughAtOneTime
  return isProof ? overlap : ambiguous(Math.min(run, position.linesAtTimestamp))
}

/**
 * By a run of equal lines that is long enough and found only once: in the window and, as far as they are known, among the lines
 * taken. A checksum proves nothing.
 */
function byRun(window: ReadonlyArray<LogEntry>, position: Position, isWhole = false): Overlap {
  const ends: Array<number> = []
  // What was taken does not begin before the log does.
  const least = isWhole ? Math.max(1, position.known) : 1
  for (let end = window.length; end >= least && ends.length < 2; end--) {
    if (agrees(window, end, position) !== false) ends.push(end)
  }
  const [end, other] = ends
  if (end === undefined) return isOlder(window, position) ? ambiguous(window.length) : disjoint
  const count = Math.min(end, position.known)
  const taken = position.recents(count)
  // A line of a download is known by its text alone, whatever the window says.
  const isProof = isEnough(taken) && isEnough(window.slice(end - count, end))
  return isProof && other === undefined && !recurs(taken, position) ? found(end) : ambiguous(end)
}

/** True where the last lines were taken once before in a row. */
function recurs(last: ReadonlyArray<LogEntry>, position: Position): boolean {
  for (let behind = 1; behind + last.length <= position.known; behind++) {
    if (agreement(last, last.length, position, behind) !== undefined) return true
  }
  return false
}

/** True where the window may show only lines that were taken some time ago. */
function isOlder(window: ReadonlyArray<LogEntry>, position: Position): boolean {
  for (let behind = 1; behind < position.known; behind++) {
    if (agreement(window, window.length, position, behind) !== undefined) return true
  }
  return false
}

/** Where it is not known how many lines there were at the last time: by a run, or else only what is newer is new for certain. */
function byRunOrTime(window: ReadonlyArray<LogEntry>, position: Position, isWhole: boolean): Overlap {
  const run = byRun(window, position, isWhole)
  if (run.kind === 'Found') return run
  const newer = window.findIndex((entry) => compareTimestamps(entry.timestamp, position.timestamp) > 0)
  return newer === 0 ? disjoint : ambiguous(newer < 0 ? window.length : newer)
}

/**
 * By the last lines in the order of their times: a live connection may give two lines in another order than the log. The position has
 * the window's order from then on.
 */
function byTimeOrder(window: ReadonlyArray<LogEntry>, position: Position): Overlap | undefined {
  const taken = position.recents(position.known)
  const sorted = [...taken].sort((a, b) => compareTimestamps(a.timestamp, b.timestamp))
  const last = sorted[sorted.length - 1]
  if (last === undefined || !isEnough(taken)) return undefined
  const end = window.map(({ timestamp }) => timestamp).lastIndexOf(last.timestamp) + 1
  for (const count of [enoughAtOneTime, enoughAtOneTime + 1]) {
    const [lines, arrived] = [sorted.slice(-count), new Set(taken.slice(-count))]
    const from = end - lines.length
    if (from < 0 || !isOrdered(lines) || !lines.every((line) => arrived.has(line)) || !contains(window, lines, from))
      continue
    position.reorder(window.slice(0, end))
    return found(end)
  }
  return undefined
}

/** What is compared with a position: the whole log, a window of it, or what a live connection gave so far. */
type Extract = 'whole' | 'window' | 'live'

/** Finds where entries go on after a position. In the whole log lines can be counted. */
export function findOverlap(window: ReadonlyArray<LogEntry>, position: Position, extract: Extract): Overlap {
  const { offset } = position
  const isWhole = extract === 'whole'
  if (position.isBlank || window.length === 0) return found(0)
  if (isWhole && position.isComplete) {
    if (offset <= window.length && agrees(window, offset, position) === true) return found(offset)
    const older =
      window.length < offset ? agreement(window, window.length, position, offset - window.length) : undefined
    if (older !== undefined && older > 0) return ambiguous(window.length)
  }
  const inOrder = isOrdered(window)
  if (inOrder && position.isExact) return byTime(window, position, extract)
  if (inOrder && position.isOrdered) return byRunOrTime(window, position, isWhole)
  return (inOrder ? byTimeOrder(window, position) : undefined) ?? byRun(window, position, isWhole)
}

/** True for lines that stand at one place of a log only, as far as they tell. */
const isDistinct = (lines: ReadonlyArray<LogEntry>): boolean =>
  isEnough(lines) || (new Set(lines.map(({ timestamp }) => timestamp)).size > 1 && isOrdered(lines))

/**
 * Which lines of a log its windows show, by two of them that do not show all of it: the `first`, the `last`, or undefined where they
 * do not tell.
 *
 * @param before the window before `window`, or an empty one
 * @param first the log's first line, where it is known
 */
export function detectWindowAnchor(
  window: ReadonlyArray<LogEntry>,
  before: ReadonlyArray<LogEntry>,
  first: LogEntry | undefined,
): 'first' | 'last' | undefined {
  const [head] = window
  if (head !== undefined && first !== undefined && !matches(head, first)) return 'last'
  // The log may have grown between the two: only a narrow window after a wide one proves anything.
  if (before.length <= window.length) return undefined
  if (!contains(before, window, 0)) return 'last'
  const isElsewhere = before.some((_, at) => at > 0 && contains(before, window, at))
  return isDistinct(window) && !isElsewhere ? 'first' : undefined
}
