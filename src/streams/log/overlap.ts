import type { LogEntry } from '../types.ts'
import { checksumLines, checksumOf, contains, isEnough, matches } from './lines.ts'
import { type Overlap, type Position, recentLines } from './position.ts'
import { compareTimestamps, hasOrderedTimes } from './timestamp.ts'

const found = (from: number): Overlap => ({ isFound: true, from })
const unproven = (from: number): Overlap => ({ isFound: false, from })

/** How many lines at one time may be left out of a window if others prove the place. */
export const enoughAtOneTime = 16

/** Compares backwards from `end` with the lines of `recent`, without its last `behind`: at most `most` lines, as far as both are known. */
function agree(
  lines: ReadonlyArray<LogEntry>,
  end: number,
  recent: ReadonlyArray<LogEntry>,
  behind = 0,
  most: number = recentLines,
): boolean {
  const count = Math.min(end, recent.length - behind, most)
  for (let back = 1; back <= count; back++) {
    const [here, there] = [lines[end - back], recent[recent.length - behind - back]]
    if (here === undefined || there === undefined || !matches(here, there)) return false
  }
  return true
}

/** Whether the lines before `end` have the position's checksum; undefined where they are too few to tell. */
function hasChecksum(lines: ReadonlyArray<LogEntry>, end: number, position: Position): boolean | undefined {
  const times = [position.timestamp, lines[end - 1]?.timestamp]
  if (times[0] !== times[1] && !times.includes('')) return false
  const isFirst = position.isContiguous && end === position.offset
  if (end < checksumLines && !isFirst) return undefined
  // After a gap it covers as many lines as there were since.
  const covered = position.isContiguous ? [checksumLines] : [4, 3, 2, 1]
  return covered.some((many) => checksumOf(lines, end, many) === position.checksum)
}

/**
 * Whether the lines before `end` are the last that were emitted, as far as both are known; undefined where they are too few to tell.
 * A resumed position knows only a checksum.
 */
function agrees(
  lines: ReadonlyArray<LogEntry>,
  end: number,
  position: Position,
  recent: ReadonlyArray<LogEntry> = position.recent,
  most: number = recentLines,
): boolean | undefined {
  if (position.isContiguous && end > position.offset) return false
  return recent.length === 0 ? hasChecksum(lines, end, position) : agree(lines, end, recent, 0, most)
}

/** True where lines that were emitted some time ago end with these lines, or at least with so many of them. */
function recurs(lines: ReadonlyArray<LogEntry>, recent: ReadonlyArray<LogEntry>, least: number): boolean {
  for (let behind = 1; behind + least <= recent.length; behind++) {
    if (agree(lines, lines.length, recent, behind)) return true
  }
  return false
}

/**
 * By the last emitted lines in a row, where they are enough, and stand only once in the window and among the lines emitted, as far as
 * those are known. A checksum proves nothing.
 */
function byRun(
  lines: ReadonlyArray<LogEntry>,
  position: Position,
  recent: ReadonlyArray<LogEntry>,
  showsBeginning: boolean,
): Overlap {
  const ends: Array<number> = []
  // What was emitted does not begin before the log does.
  const least = showsBeginning ? Math.max(1, recent.length) : 1
  for (let end = lines.length; end >= least && ends.length < 2; end--) {
    if (agrees(lines, end, position, recent) !== false) ends.push(end)
  }
  const [end, other] = ends
  if (end === undefined) return unproven(recurs(lines, recent, 1) ? lines.length : 0)
  const run = recent.slice(Math.max(0, recent.length - end))
  // A line of a download is known by its text alone, whatever the window says.
  const isProof = isEnough(run) && isEnough(lines.slice(end - run.length, end))
  return isProof && other === undefined && !recurs(run, recent, run.length) ? found(end) : unproven(end)
}

/** By the last time and how many lines were emitted at it: exact as long as times never go back. */
function byTime(lines: ReadonlyArray<LogEntry>, position: Position, showsBeginning: boolean): Overlap {
  const { timestamp, linesAtTimestamp, recent } = position
  const first = lines.findIndex((entry) => compareTimestamps(entry.timestamp, timestamp) >= 0)
  // Older than the position, or the clock was set back.
  if (first < 0) return unproven(lines.length)
  let run = 0
  while (lines[first + run]?.timestamp === timestamp) run++
  if (first === 0 && run > 0 && !showsBeginning) {
    // It may lack some of the lines at the last time: enough lines in a row that were emitted prove the place.
    const { isFound, from } = byRun(lines, position, recent, false)
    const isProof = isFound && Math.min(from, recent.length) >= enoughAtOneTime
    return isProof ? found(from) : unproven(Math.min(run, linesAtTimestamp))
  }
  if (run < linesAtTimestamp) return unproven(first + run)
  const from = first + linesAtTimestamp
  const isSame = agrees(lines, from, position, recent, Math.max(checksumLines, linesAtTimestamp))
  return isSame === true ? found(from) : unproven(from)
}

/** Finds where lines go on after a position. In a window with the first line of the log they can be counted. */
export function findOverlap(lines: ReadonlyArray<LogEntry>, position: Position, showsBeginning: boolean): Overlap {
  const { offset, isContiguous, timestamp } = position
  if (position.isBlank || lines.length === 0) return found(0)
  const recent = position.recent
  const isCounted = showsBeginning && isContiguous
  const behind = offset - lines.length
  if (isCounted && behind <= 0 && agrees(lines, offset, position, recent) === true) return found(offset)
  // An older answer.
  const isOlder = isCounted && behind > 0 && behind < recent.length
  if (isOlder && agree(lines, lines.length, recent, behind)) return unproven(lines.length)
  const inOrder = hasOrderedTimes(lines)
  const isTimed = inOrder && position.linesAtTimestamp > 0
  const exact = isTimed ? byTime(lines, position, showsBeginning) : byRun(lines, position, recent, showsBeginning)
  if (exact.isFound) return exact
  const known = byKnown(lines, recent)
  if (known || isTimed || !inOrder || !position.isOrdered) return known ?? exact
  const newer = lines.findIndex((entry) => compareTimestamps(entry.timestamp, timestamp) > 0)
  return unproven(newer < 0 ? lines.length : newer)
}

/**
 * By lines that are there only once, with their times, whatever their order: a connection may give neighbours in another order than the log,
 * and lines may be stored late. Lines among those known that were not emitted are missing.
 */
function byKnown(lines: ReadonlyArray<LogEntry>, recent: ReadonlyArray<LogEntry>): Overlap | undefined {
  const count = (among: ReadonlyArray<LogEntry>, line: LogEntry): number =>
    among.filter((other) => other.timestamp === line.timestamp && matches(other, line)).length
  // It may lack some of the lines at its first time: a line equal to one of them may be new.
  if (recent.filter(({ timestamp }) => timestamp === lines[0]?.timestamp).length > 1) return undefined
  const last = recent.slice(-enoughAtOneTime)
  if (!last.every((line) => line.timestamp !== '' && count(lines, line) >= count(recent, line))) return undefined
  if (!isEnough(last.filter((line) => count(lines, line) === 1 && count(recent, line) === 1))) return undefined
  const places = lines.flatMap((line, at) => (count(recent, line) > 0 ? [at] : []))
  const from = (places[places.length - 1] ?? 0) + 1
  const shown = lines.slice(places[0], from)
  if (shown.length > 4 * recentLines) return undefined
  const more = shown.filter((line) => count(shown, line) > count(recent, line))
  // A copy of a known line may be new.
  if (more.some((line) => count(recent, line) > 0)) return undefined
  return {
    ...found(from),
    reordered: lines.slice(0, from),
    isMissing: more.length > 0,
  }
}

/**
 * Which lines of a log its windows show, by a window that does not show all of it, and a wider one before it; undefined where they do
 * not tell. The log may have grown between the two: the other way round they prove nothing.
 */
export function detectWindowAnchor(
  narrow: ReadonlyArray<LogEntry>,
  wide: ReadonlyArray<LogEntry>,
): 'head' | 'tail' | undefined {
  if (!contains(wide, narrow, 0)) return 'tail'
  const isElsewhere = wide.some((_, at) => at > 0 && contains(wide, narrow, at))
  return isEnough(narrow) && !isElsewhere ? 'head' : undefined
}
