import type { LogEntry } from '../types.ts'
import { checksumLines, checksumOf, contains, isEnough, matches } from './lines.ts'
import { type Position, recentLines } from './position.ts'
import { compareTimestamps, isOrdered } from './timestamp.ts'

/**
 * Where lines of a log go on after a position. Found: from `from` on they are new, and nothing is missing before. Else only from `from`
 * on they are new for certain (0: all of them are), and lines are missing before it, or may be.
 */
export interface Overlap {
  readonly isFound: boolean
  readonly from: number
}

const found = (from: number): Overlap => ({ isFound: true, from })
const unproven = (from: number): Overlap => ({ isFound: false, from })

/** How many lines at one time may be left out of a window if others prove the place. */
export const enoughAtOneTime = 16

/** Whether the lines before `end` are those of `taken` up to `behind` lines ago, as far as both are known, at most `most`. */
function agree(
  lines: ReadonlyArray<LogEntry>,
  end: number,
  taken: ReadonlyArray<LogEntry>,
  behind = 0,
  most: number = recentLines,
): boolean {
  const count = Math.min(end, taken.length - behind, most)
  for (let back = 1; back <= count; back++) {
    const [here, there] = [lines[end - back], taken[taken.length - behind - back]]
    if (here === undefined || there === undefined || !matches(here, there)) return false
  }
  return true
}

/** Whether the lines before `end` have the position's checksum; undefined where they are too few to tell. */
function hasChecksum(lines: ReadonlyArray<LogEntry>, end: number, position: Position): boolean | undefined {
  if (position.timestamp !== '' && lines[end - 1]?.timestamp !== position.timestamp) return false
  const isFirst = position.isComplete && end === position.offset
  if (end < checksumLines && !isFirst) return undefined
  // After a gap it covers as many lines as there were since.
  const covered = position.isComplete ? [checksumLines] : [4, 3, 2, 1]
  return covered.some((many) => checksumOf(lines, end, many) === position.checksum)
}

/**
 * Whether the lines before `end` are the last that were taken, as far as both are known; undefined where they are too few to tell.
 * A resumed position knows only a checksum.
 */
export function agrees(
  lines: ReadonlyArray<LogEntry>,
  end: number,
  position: Position,
  taken: ReadonlyArray<LogEntry> = position.recent,
  most: number = recentLines,
): boolean | undefined {
  if (position.isComplete && end > position.offset) return false
  return taken.length === 0 ? hasChecksum(lines, end, position) : agree(lines, end, taken, 0, most)
}

/** True where lines that were taken some time ago end with these lines, or at least with so many of them. */
function recurs(lines: ReadonlyArray<LogEntry>, taken: ReadonlyArray<LogEntry>, least: number): boolean {
  for (let behind = 1; behind + least <= taken.length; behind++) {
    if (agree(lines, lines.length, taken, behind)) return true
  }
  return false
}

/**
 * By a run of equal lines that is long enough and found only once: in the window and, as far as they are known, among the lines
 * taken. A checksum proves nothing.
 */
function byRun(
  lines: ReadonlyArray<LogEntry>,
  position: Position,
  taken: ReadonlyArray<LogEntry>,
  isWhole: boolean,
): Overlap {
  const ends: Array<number> = []
  // What was taken does not begin before the log does.
  const least = isWhole ? Math.max(1, taken.length) : 1
  for (let end = lines.length; end >= least && ends.length < 2; end--) {
    if (agrees(lines, end, position, taken) !== false) ends.push(end)
  }
  const [end, other] = ends
  if (end === undefined) return unproven(recurs(lines, taken, 1) ? lines.length : 0)
  const run = taken.slice(Math.max(0, taken.length - end))
  // A line of a download is known by its text alone, whatever the window says.
  const isProof = isEnough(run) && isEnough(lines.slice(end - run.length, end))
  return isProof && other === undefined && !recurs(run, taken, run.length) ? found(end) : unproven(end)
}

/** By the last time and how many lines were taken at it: exact as long as times never go back. */
function byTime(lines: ReadonlyArray<LogEntry>, position: Position, taken: ReadonlyArray<LogEntry>): Overlap {
  const { timestamp, linesAtTimestamp } = position
  const first = lines.findIndex((entry) => compareTimestamps(entry.timestamp, timestamp) >= 0)
  // Older than the position, or the clock was set back.
  if (first < 0) return unproven(lines.length)
  let run = 0
  while (lines[first + run]?.timestamp === timestamp) run++
  if (first === 0 && run > 0) {
    // It may lack some of the lines at the last time: a long run of equal lines proves the place.
    const { isFound, from } = byRun(lines, position, taken, false)
    const isProof = isFound && Math.min(from, taken.length) >= enoughAtOneTime
    return isProof ? found(from) : unproven(Math.min(run, linesAtTimestamp))
  }
  if (run < linesAtTimestamp) return unproven(first + run)
  const from = first + linesAtTimestamp
  const isSame = agrees(lines, from, position, taken, Math.max(checksumLines, linesAtTimestamp))
  return isSame === true ? found(from) : unproven(from)
}

/** Finds where lines go on after a position. In the whole log they can be counted. */
export function findOverlap(lines: ReadonlyArray<LogEntry>, position: Position, isWhole: boolean): Overlap {
  const { offset, isComplete, timestamp } = position
  if (position.isBlank || lines.length === 0) return found(0)
  const taken = position.recent
  if (isWhole && isComplete) {
    if (offset <= lines.length && agrees(lines, offset, position, taken) === true) return found(offset)
    const behind = offset - lines.length
    if (behind > 0 && behind < taken.length && agree(lines, lines.length, taken, behind)) return unproven(lines.length)
  }
  const inOrder = isOrdered(lines)
  if (inOrder && position.linesAtTimestamp > 0) return byTime(lines, position, taken)
  const run = byRun(lines, position, taken, isWhole)
  if (run.isFound || !inOrder) return run
  if (position.isOrdered) {
    const newer = lines.findIndex((entry) => compareTimestamps(entry.timestamp, timestamp) > 0)
    return unproven(newer < 0 ? lines.length : newer)
  }
  // A live connection may give two lines in another order than the log. The position has the log's order from then on.
  for (const count of [enoughAtOneTime, enoughAtOneTime + 1]) {
    const sorted = taken.slice(-count).sort((a, b) => compareTimestamps(a.timestamp, b.timestamp))
    const { isFound, from } = byRun(lines, position, sorted, isWhole)
    if (!isFound || from < sorted.length) continue
    position.learn(lines.slice(0, from))
    return found(from)
  }
  return run
}

/**
 * Which lines of a log its windows show, by a window that does not show all of it, and a wider one before it; undefined where they do
 * not tell. The log may have grown between the two: the other way round they prove nothing.
 */
export function detectWindowAnchor(
  narrow: ReadonlyArray<LogEntry>,
  wide: ReadonlyArray<LogEntry>,
): 'first' | 'last' | undefined {
  if (!contains(wide, narrow, 0)) return 'last'
  const isElsewhere = wide.some((_, at) => at > 0 && contains(wide, narrow, at))
  return isEnough(narrow) && !isElsewhere ? 'first' : undefined
}
