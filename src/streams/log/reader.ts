import {
  catchError,
  concat,
  defer,
  EMPTY,
  endWith,
  filter,
  ignoreElements,
  mergeMap,
  type Observable,
  of,
  retry,
  take,
  takeWhile,
  tap,
  throwError,
} from 'rxjs'
import { elapsed, HttpError, RequestTimeoutError } from '../../core/index.ts'
import { type ConnectionState, firstValue } from '../connection.ts'
import type { TailContext } from '../job-events.ts'
import type { GapReason, LogEntry } from '../types.ts'
import { type DownloadEnd, DownloadMatcher } from './download.ts'
import type { LogElements } from './elements.ts'
import { Growth } from './growth.ts'
import { enoughUntimed, matches } from './lines.ts'
import { detectWindowAnchor, enoughAtOneTime, findOverlap } from './overlap.ts'
import type { Position } from './position.ts'
import type { BoundLog } from './setup.ts'
import { hasOrderedTimes, toDate } from './timestamp.ts'

type Entries = ReadonlyArray<LogEntry>

/** `open`: the log is written and will be read again. `last`: it is written, and this is the last read. `closed`: it is complete. */
export type LogState = 'open' | 'last' | 'closed'

/** Where the stream begins in a log that is not known yet. */
type Start = Pick<LogElements<unknown>, 'atFirst' | 'beginning'>

type ReaderContext = Pick<TailContext<unknown, unknown>, 'demand' | 'scheduler' | 'connection'>

// Where a window does not reach back to what was emitted, at least so many times the lines that it showed are taken to be new.
const missed = 1.25

// Milliseconds that a window may be older than what a connection gave.
const longestLag = 5_000

// A window of so many lines is never too large. A wider one is asked for so often before a narrower one.
const narrowest = 32
const triesOfWidth = 3

/** True for an error that a narrower window may not meet, once it was retried. */
const isTooLarge = (error: unknown): boolean =>
  (error instanceof HttpError && (error.status === 413 || error.status >= 500)) || error instanceof RequestTimeoutError

const noReplay = (): Observable<Entries | undefined> => of([])

/** Reads a log from a position to its end: by windows, and by the download where no window reaches back far enough. */
export class LogReader {
  readonly #context: ReaderContext
  readonly #log: BoundLog
  readonly #position: Position
  readonly #start: Start
  readonly #logConnection: ConnectionState
  readonly #now: () => number
  readonly #growth = new Growth()
  #download: BoundLog['download']
  #nextOffset: number
  #longestPage = 2
  /** The widest window that the service gives. */
  #maxLines: number
  /** Which lines of the log windows show; undefined until windows were seen that tell. */
  #anchor: 'head' | 'tail' | undefined
  /** When a window first did not overlap, after the last that did. */
  #lostAt: number | undefined
  /** Whether windows do not tell where the log goes on. */
  #isCounting = false
  /** Whether the log began anew, so that offsets are no places in it. */
  #isAnew = false

  /** How times before the lines of the download are written in the log. */
  readonly #times: Array<readonly [string, string]> = []

  /** Whether the last read did not get to the log's end for certain. */
  isBehind = false

  /** What a connection gave, where the download showed that the log begins with it. */
  replay: Entries | undefined

  // Of the read that is under way:
  #state: LogState = 'open'
  #replay = noReplay
  #isProbed = false
  #before: Entries = []
  #askedAt = 0

  constructor(context: ReaderContext, log: BoundLog, position: Position, start: Start) {
    this.#context = context
    this.#log = log
    this.#position = position
    this.#start = start
    this.#logConnection = context.connection('log')
    this.#now = elapsed(context.scheduler)
    this.#download = log.download
    this.#maxLines = log.maxLines
    this.#nextOffset = position.offset
  }

  /** When the log should be read next. `soon`: it nearly outruns its window. `seldom`: each read costs the whole log. */
  get pace(): 'normal' | 'soon' | 'seldom' {
    if (this.#isUsedUp || this.#isCounting) return 'seldom'
    if (this.#log.after !== undefined) return this.isBehind ? 'soon' : 'normal'
    return this.#growth.last * 2 >= this.#maxLines ? 'soon' : 'normal'
  }

  /** True where the download can be had, and lines can be counted in it. */
  get canRepair(): boolean {
    return this.#download !== undefined && this.#position.isContiguous
  }

  /** True where windows show only the log's first lines, and those were all emitted. */
  get #isUsedUp(): boolean {
    return this.#anchor === 'head' && !this.#isAnew && this.#position.offset >= this.#maxLines
  }

  /**
   * Reads once to the log's end, moves the position, and completes. Waits until there is demand.
   *
   * @param replay what the connection gave, asked for before a download; undefined where no download is needed beside it
   */
  read(state: LogState, replay: () => Observable<Entries | undefined> = noReplay): Observable<never> {
    return this.#context.demand.pipe(
      filter(Boolean),
      take(1),
      mergeMap(() => {
        this.#state = state
        this.#replay = replay
        this.#isProbed = this.isBehind = false
        this.#before = []
        if (this.#log.after !== undefined) return this.#counted(this.#log.after)
        if (this.#position.isBlank) return this.#window(Math.min(this.#start.atFirst, this.#maxLines))
        // The first lines are all known; a few of them show whether the log began anew.
        return this.#window(this.#isUsedUp ? Math.min(narrowest, this.#maxLines) : this.#width())
      }),
    )
  }

  /** A log that the service counts needs no comparing. */
  #counted(after: NonNullable<BoundLog['after']>): Observable<never> {
    return this.#logConnection
      .firstWithRetry(() => after(this.#nextOffset))
      .pipe(
        tap(({ entries, nextOffset }) => {
          // A log that is written all the time may have no empty page.
          this.isBehind = entries.length >= this.#longestPage
          this.#longestPage = Math.max(entries.length, this.#longestPage)
          this.#nextOffset = nextOffset
          this.#position.lines(entries)
        }),
        ignoreElements(),
      )
  }

  /** How many lines to ask for; more than `before`, which the last window showed. */
  #width(before = 0): number {
    const { offset } = this.#position
    const known = this.#anchor === 'head' ? offset : this.#overlap
    const atLeast = before && 1 + Math.max(0, before - known) * missed
    const [now, elapsed] = [this.#now(), before && this.#elapsed(this.#before)]
    const added = this.#growth.guess(now, atLeast, elapsed && elapsed + now - this.#askedAt)
    const lines = Math.max(before + 1, known + added)
    // As many as were emitted would be the same window from a service that shows the first lines and one that shows the last.
    return Math.min(this.#maxLines, lines === offset ? lines + 1 : lines)
  }

  /** How many emitted lines a window must show to prove where it goes on. */
  get #overlap(): number {
    const { linesAtTimestamp, recent, unread } = this.#position
    // With the lines that a connection gave: whether it left some out.
    const given = unread < this.#maxLines - enoughUntimed ? unread : 0
    if (linesAtTimestamp === 0) return given + enoughUntimed
    const few = recent.length < enoughAtOneTime
    return given + (few ? linesAtTimestamp + 4 : Math.min(linesAtTimestamp + 2, enoughAtOneTime))
  }

  /**
   * Reads a window. After some failures that one of fewer lines may not have it reads a narrower one, and where that answers `wide` once
   * more: the service may only have been down.
   */
  #window(lines: number, wide = lines): Observable<never> {
    let failures = 0
    const mayBeTooWide = (error: unknown): boolean => lines > narrowest && isTooLarge(error)
    const read = (many: number): Observable<Entries> => {
      this.#askedAt = this.#now()
      return firstValue('log', () => this.#log.read(many))
    }
    const narrowed = (window: Entries): Observable<never> =>
      read(wide).pipe(
        catchError(() => {
          this.#maxLines = lines
          return of(window)
        }),
        mergeMap((shown) => this.#shown(shown, shown === window ? lines : wide)),
      )
    return defer(() => read(lines)).pipe(
      tap(() => this.#logConnection.succeeded()),
      retry({
        delay: (error: unknown) =>
          mayBeTooWide(error) && ++failures === triesOfWidth
            ? throwError(() => error)
            : this.#logConnection.retryDelay(error),
      }),
      catchError((error: unknown) => (mayBeTooWide(error) ? of(undefined) : throwError(() => error))),
      mergeMap((window) => {
        if (window === undefined) return this.#window(Math.ceil(lines / 2), wide)
        return lines < wide ? narrowed(window) : this.#shown(window, lines)
      }),
    )
  }

  #shown(window: Entries, lines: number): Observable<never> {
    const before = this.#before
    this.#before = window
    // A service that shows another number of lines than it was asked for shows as many as it has, or always its most.
    const isFull = this.#position.isBlank && window.length === this.#maxLines
    const showsEntireLog = window.length !== lines && !isFull
    if (!showsEntireLog && before.length > window.length)
      this.#anchor = detectWindowAnchor(window, before) ?? this.#anchor
    if (this.#position.isBlank) return this.#first(window, before, showsEntireLog)
    return this.#next(window, lines, showsEntireLog)
  }

  /**
   * The first read. Of a log that is longer than its window, a narrow one tells which lines of the log windows show. Where that is known,
   * windows become wider until one shows where the stream begins.
   */
  #first(window: Entries, before: Entries, showsEntireLog: boolean): Observable<never> {
    if (showsEntireLog) return this.#emit(window, 0)
    if (this.#anchor === undefined && !this.#isProbed) return this.#probe(window)
    const wide = before.length > window.length ? before : window
    const begin = this.#anchor === 'tail' ? this.#start.beginning(wide) : 0
    if (begin > 0) return this.#begin(wide, begin)
    const lines =
      this.#anchor === 'tail' ? Math.max(2 * wide.length, Math.ceil(wide.length - begin) * missed) : this.#maxLines
    this.#isProbed = false
    if (wide.length < this.#maxLines) return this.#window(Math.min(this.#maxLines, Math.ceil(lines)))
    if (this.#anchor !== 'head') return this.#repairUpTo(wide, 0, 'window')
    return concat(this.#emit(wide, 0), this.#readDownload('window'))
  }

  /** Leaves out the window's lines before the stream's beginning. */
  #begin(window: Entries, begin: number): Observable<never> {
    const position = this.#position
    position.expected = []
    position.isContiguous = false
    position.learn(window.slice(0, begin))
    return this.#emit(window, begin)
  }

  #next(window: Entries, lines: number, showsEntireLog: boolean): Observable<never> {
    const position = this.#position
    const showsBeginning = showsEntireLog || this.#anchor === 'head'
    const overlap = findOverlap(window, position, showsBeginning)
    const { isFound, from } = overlap
    // Windows with the log's first lines, of which the first is new: the log began anew.
    if (!isFound && from < window.length && this.#anchor === 'head' && position.isBefore(window[0])) {
      this.#isAnew = true
      const fresh = window.slice(findOverlap(window, position, false).from)
      return concat(
        this.#gap('window', fresh, fresh.length === window.length),
        showsEntireLog ? EMPTY : this.#beyond(lines),
      )
    }
    if (isFound) position.compare(window, overlap, showsEntireLog)
    if (isFound && from > 0 && position.recent.length === 0) position.learn(window.slice(0, from))
    const rest = defer(() => (showsEntireLog || this.#anchor === 'tail' ? EMPTY : this.#beyond(lines)))
    if (isFound) {
      const isUnclear = this.#anchor === undefined && !showsEntireLog && !this.#isProbed
      return concat(this.#emit(window, from), isUnclear ? this.#probe(window) : rest)
    }
    // Without knowing which lines of the log the window shows, nothing in it is new for certain.
    if (!showsEntireLog && (lines < this.#maxLines || this.#anchor !== 'tail')) return this.#beyond(lines)
    const fresh = this.#unknownFrom(window, from)
    if (fresh === window.length || this.#mayBeOld(window)) return this.#undecided()
    return this.#repairUpTo(window, fresh, fresh === 0 ? 'window' : 'ambiguous', showsEntireLog)
  }

  /**
   * Where the lines begin that stand after the last known one, in a window that proves no place: also where nothing in it is newer by its
   * times or place, for so long that it is no older answer.
   */
  #unknownFrom(window: Entries, from: number): number {
    const { recent, isOrdered } = this.#position
    const isNoneNewer = from === window.length
    if (isNoneNewer ? recent.length === 0 || this.#mayWait() : isOrdered) return from
    const isKnown = (entry: LogEntry): boolean =>
      recent.some((line) => (isNoneNewer || line.timestamp !== '') && matches(line, entry))
    let unknown = window.length
    while (unknown > 0 && !window.slice(unknown - 1, unknown).some(isKnown)) unknown--
    return isNoneNewer ? unknown : Math.max(from, unknown)
  }

  /** Goes on after a window that does not show all that is needed. */
  #beyond(lines: number): Observable<never> {
    if (this.#isUsedUp) return this.#readDownload('window')
    if (lines < this.#maxLines) return this.#window(this.#width(lines))
    if (this.#anchor === 'head') return this.#readDownload('window')
    return this.#isProbed ? this.#undecided() : this.#probe(this.#before)
  }

  /** Reads a narrower window, to see which lines of the log windows show. */
  #probe({ length }: Entries): Observable<never> {
    this.#isProbed = true
    return this.#window(Math.min(narrowest, Math.ceil(length / 2)))
  }

  /** Leaves it to the next read, where there is one, for a while: then to the download, in which lines can be counted. */
  #undecided(): Observable<never> {
    this.#growth.added(0, this.#askedAt)
    this.isBehind = true
    if (this.#mayWait()) return EMPTY
    this.isBehind = false
    this.#isCounting = true
    return this.#readDownload('ambiguous')
  }

  /** True while what does not continue the position may be older than it is. */
  #mayWait(): boolean {
    this.#lostAt ??= this.#askedAt
    return this.#state !== 'closed' && this.#askedAt - this.#lostAt < longestLag
  }

  /** True while a window that does not overlap may be older than the position. Times tell, where they are in order. */
  #mayBeOld(window: Entries): boolean {
    return !(this.#position.isOrdered && hasOrderedTimes(window)) && this.#mayWait()
  }

  /** By how many milliseconds a window's last time is later than the position's, or its own first one; 0 where times do not tell. */
  #elapsed(window: Entries): number {
    const first = this.#position.isBlank ? window[0] : this.#position
    const [before, after] = [first, window[window.length - 1]].map((line) => toDate(line?.timestamp ?? ''))
    return before && after ? Math.max(0, after.getTime() - before.getTime()) : 0
  }

  #emit(window: Entries, from: number): Observable<never> {
    this.#lostAt = undefined
    this.#isCounting = false
    // A probe says nothing of how the log grows.
    if (from < window.length || !this.#isProbed)
      this.#growth.added(window.length - from, this.#askedAt, this.#elapsed(window))
    this.#position.lines(window.slice(from))
    return EMPTY
  }

  #gap(reason: GapReason, entries: Entries, isBeginning = false): Observable<never> {
    this.#position.gap(reason, entries[0], isBeginning)
    this.#position.lines(entries)
    return EMPTY
  }

  /** Goes on to a window's end by the download; where that cannot be done, there is a gap before its new entries. */
  #repairUpTo(window: Entries, from: number, reason: GapReason, showsEntireLog = false): Observable<never> {
    const position = this.#position
    const { offset } = position
    this.#growth.added(this.#maxLines, this.#askedAt)
    return this.#fromDownload(window, from, (end, joined) => {
      if (end === 'rescan') return this.#readDownload(reason)
      // A download that ends before lines that a window shows is an old one, unless both show that the log is shorter now.
      const isOld = end === 'unmatched' || (end === 'truncated' && !showsEntireLog)
      if (isOld && (position.offset > offset || this.#mayWait())) {
        this.isBehind = true
        return EMPTY
      }
      this.#lostAt = undefined
      if (end !== 'matched')
        return this.#gap(end === 'mismatch' ? 'download' : reason, window.slice(from), showsEntireLog && from === 0)
      position.lines(window.slice(joined))
      return EMPTY
    })
  }

  /** Reads the download to its end; where that cannot be done, there is a gap at the end. */
  #readDownload(reason: GapReason): Observable<never> {
    return this.#fromDownload([], 0, (end) => {
      if (end === 'unmatched' || this.#state === 'open') return EMPTY
      return this.#gap(end === undefined ? reason : 'download', [])
    })
  }

  /** @param finish gets how the download ended, and where the window is new; undefined where there is no download */
  #fromDownload(
    window: Entries,
    from: number,
    finish: (end: DownloadEnd | undefined, joined: number) => Observable<never>,
  ): Observable<never> {
    if (!this.canRepair) return finish(undefined, 0)
    const position = this.#position
    const scanned = (replay: Entries): Observable<DownloadMatcher> =>
      defer(() => {
        const matcher = new DownloadMatcher(position, {
          window,
          from,
          isLogClosed: this.#state === 'closed',
          replay,
          times: this.#times,
        })
        return (this.#download?.() ?? EMPTY).pipe(
          takeWhile((lines) => {
            position.lines(matcher.push(lines))
            return !matcher.isDone
          }),
          ignoreElements(),
          endWith(matcher),
        )
      }).pipe(
        tap(() => this.#logConnection.succeeded()),
        retry({ delay: (error: unknown) => this.#logConnection.retryDelay(error) }),
      )
    const finished = (matcher: DownloadMatcher, replay: Entries): Observable<never> => {
      if (matcher.isReplayed) {
        this.replay = replay
        return EMPTY
      }
      const { entries, end } = matcher.end()
      position.lines(entries)
      return finish(end, matcher.from)
    }
    return this.#replay().pipe(
      mergeMap((replay) => (replay ? scanned(replay).pipe(mergeMap((matcher) => finished(matcher, replay))) : EMPTY)),
      catchError((error: unknown) => {
        if (!(error instanceof HttpError) || error.status === 401) return throwError(() => error)
        this.#download = undefined
        return finish(undefined, 0)
      }),
    )
  }
}
