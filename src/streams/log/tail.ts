import {
  combineLatest,
  concat,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  NEVER,
  Observable,
  of,
  repeat,
  retry,
  skipWhile,
  startWith,
  Subject,
  switchMap,
  take,
  takeUntil,
  tap,
  timer,
} from 'rxjs'
import { backoff, elapsed } from '../../core/index.ts'
import type { ConnectionState } from '../connection.ts'
import { LogGapError } from '../errors.ts'
import { waitAfter } from '../intervals.ts'
import type { Tail as LogTail, TailContext } from '../job-events.ts'
import type { GapReason, LogElement, LogEntry } from '../types.ts'
import { LogElements } from './elements.ts'
import { LiveBuffer } from './live.ts'
import { Position } from './position.ts'
import { LogReader } from './reader.ts'
import { type BoundLog, bindLog } from './setup.ts'

// A live connection that keeps dropping, or that does not meet the log in so many reads, is not opened for a while, and the log is
// polled meanwhile. One that closed at once counts as dropped whatever it sent, because the log shows the same lines.
const maxDrops = 3
const maxReadAttempts = 12
const restAfterDrops = 60_000

// Milliseconds. A connection that lasts less is a drop. For as long the replay of a connection is waited for before the download is
// read, and as often the log is read to find the place of what a connection gave.
const shortWhile = 250

// Milliseconds that a connection may take to open before the log is polled meanwhile.
const openTimeout = 1_000

// Where only the whole log shows what is new, each read costs the whole log.
const seldomDelay = 15_000

// Milliseconds between two reads of a log that is polled: at least so many while it grows, more while it does not, and up to twice as
// many by jitter.
const shortestPause = 500
const longestPause = 2_500
const pauseFactor = 1.5

// Milliseconds until the next read of a log that nearly outruns its window, and until the second read after the job's end. Most lines
// come with the first; a log that still grows then is read ever less often.
const soonDelay = 50

/**
 * One tail. The live connection and the reads of the log go on side by side: what the connection gives is held until a read shows where
 * in the log it stands. From there on it is the log, and the log is read only when the connection is silent.
 */
class Tail<Ref, Job> {
  readonly #context: TailContext<Ref, Job>
  readonly #log: BoundLog
  readonly #position: Position
  readonly #elements: LogElements<Ref>
  readonly #reader: LogReader
  readonly #buffer: LiveBuffer
  readonly #now: () => number
  /** The connection opened, gave something, or is over. */
  readonly #signal = new Subject<unknown>()
  readonly #leave = new Subject<unknown>()

  // Of the reads:
  #isReading = false
  #readAt = 0
  /** When the connection last gave something, or the wait for it began. */
  #heardAt = 0
  /** When the log is read where no connection is open. */
  #pollAt = 0
  #reads = 0
  #unchanged = 0

  // Of the connection:
  #live: ConnectionState
  #openedAt = 0
  #isOpen = false
  /** Whether the log was read since the connection opened, or need not be. */
  #isRead = false
  /** Whether what it gives is the log from here on. */
  #isJoined = false
  /** False while something that it gave is held and may be new. */
  #isQuiet = true
  #drops = 0
  /** Reads in a row after which the log and the connection still did not meet. */
  #readAttempts = 0

  constructor(context: TailContext<Ref, Job>, elements: LogElements<Ref>) {
    const { from = 'start' } = context.options
    const log = bindLog(context)
    const cursor = typeof from === 'object' && 'job' in from ? from : undefined
    const position = new Position(context.key, log.maxLineLength, elements, cursor)
    this.#context = context
    this.#log = log
    this.#position = position
    this.#elements = elements
    this.#reader = new LogReader(context, log, position, elements)
    this.#buffer = new LiveBuffer(position)
    this.#now = elapsed(context.scheduler)
    this.#live = context.connection('live')
  }

  /** Emits the log until it is over, or, once, what is there now. */
  run(isOnce: boolean): Observable<never> {
    let isOver = false
    const end = this.#context.jobEnd.pipe(tap(() => (isOver = true)))
    return concat(
      (isOnce ? this.#upToNow() : this.#whileWritten()).pipe(takeUntil(end)),
      defer(() => (isOver ? this.#atEnd() : EMPTY)),
    ).pipe(tap({ complete: () => this.#elements.begin() }))
  }

  #upToNow(): Observable<never> {
    const pause = this.#log.after ? 0 : shortestPause
    return defer(() => this.#reader.read('last')).pipe(
      repeat({ delay: () => (this.#reader.isBehind ? timer(pause, this.#context.scheduler) : EMPTY) }),
    )
  }

  #whileWritten(): Observable<never> {
    const stream = this.#log.after === undefined ? this.#log.stream : undefined
    if (stream) this.#pollAt = openTimeout
    const reads = this.#nextRead().pipe(
      mergeMap(() => this.#read()),
      repeat(),
    )
    return merge(reads, stream ? this.#connected(stream) : EMPTY)
  }

  /** When the job is over: reads the rest of the log, and lets what a connection gave take its place in it. */
  #atEnd(): Observable<never> {
    const { scheduler } = this.#context
    const position = this.#position
    let emitted = 0
    this.#buffer.emitNext()
    return defer(() => {
      ;({ emitted } = position)
      return this.#reader.read('closed')
    }).pipe(
      repeat({
        delay: (reads) =>
          position.emitted > emitted && this.#reader.pace !== 'seldom'
            ? timer(this.#reader.isBehind ? 0 : Math.min(soonDelay * 2 ** (reads - 1), longestPause), scheduler)
            : EMPTY,
      }),
      tap({ complete: () => this.#buffer.emitRest() }),
    )
  }

  // ---- reads

  /** Emits when the log is to be read. While the demand is false the connection is held back by us, and its silence means nothing. */
  #nextRead(): Observable<unknown> {
    const { demand, scheduler } = this.#context
    return combineLatest([demand, this.#signal.pipe(startWith(0))]).pipe(
      switchMap(([isWanted]) => {
        this.#heardAt = this.#now()
        if (!isWanted) return NEVER
        if (this.#isOpen && this.#untilRead < 0) return of(0)
        // A joined connection only notes when it was heard: a timer for each of its batches would cost more than the lines.
        return defer(() => timer(Math.max(0, Math.ceil(this.#untilRead)), scheduler)).pipe(
          repeat(),
          filter(() => this.#untilRead <= 0),
        )
      }),
      take(1),
    )
  }

  /** Milliseconds until the next read; at most 0 where it is due. */
  get #untilRead(): number {
    if (!this.#isOpen) return this.#pollAt - this.#now()
    // At once when a connection opened, and when it gives its first lines: all that it gives until then is held.
    if (!this.#isRead) return -1
    const { stallTimeout = 30_000 } = this.#context.options
    return (this.#isQuiet ? this.#heardAt + stallTimeout : this.#readAt + shortWhile) - this.#now()
  }

  #read(): Observable<never> {
    const { emitted } = this.#position
    const isCheck = this.#isOpen && this.#isRead && this.#isQuiet
    // The read at the opening does not delay the one for the first lines.
    this.#readAt = this.#isRead ? this.#now() : Number.NEGATIVE_INFINITY
    this.#isReading = this.#isRead = true
    const finish = (): void => {
      const added = this.#position.emitted - emitted
      this.#isReading = false
      this.#pollAt = this.#now() + this.#pollDelay(added > 0)
      if (!this.#reader.isBehind) this.#elements.begin()
      // Lines that the log has and a silent connection did not give.
      if (isCheck && added > 0) this.#giveUp()
      else if (this.#isOpen) this.#join(added > 0)
    }
    return this.#reader.read('open', () => this.#replay()).pipe(tap({ complete: finish }))
  }

  /** Milliseconds until the next read: as the caller's interval says, else as long as the log grows. */
  #pollDelay(added: boolean): number {
    const { options, job, age } = this.#context
    const { pollInterval, random = Math.random } = options
    const { pace } = this.#reader
    this.#reads++
    this.#unchanged = added ? 0 : this.#unchanged + 1
    const pause =
      pollInterval === undefined
        ? Math.min(longestPause, shortestPause * pauseFactor ** this.#unchanged) * (1 + random())
        : waitAfter(pollInterval, job(), age(), this.#reads)
    if (pace === 'soon') return Math.min(pause, soonDelay)
    return pace === 'seldom' ? Math.max(pause, seldomDelay) : pause
  }

  /** What the connection replays; undefined where that goes on after the position. */
  #replay(): Observable<ReadonlyArray<LogEntry> | undefined> {
    if (!this.#isOpen) return of([])
    const arrived = this.#signal.pipe(
      startWith(0),
      skipWhile(() => this.#buffer.entries.length === 0),
    )
    return merge(arrived, timer(shortWhile, this.#context.scheduler)).pipe(
      take(1),
      map(() => (this.#buffer.overlap().isFound ? undefined : this.#buffer.entries)),
    )
  }

  // ---- the connection

  #connected(stream: NonNullable<BoundLog['stream']>): Observable<never> {
    const connection = defer(() => {
      this.#openedAt = Number.POSITIVE_INFINITY
      return stream()
    }).pipe(
      tap((entries) => this.#receive(entries)),
      ignoreElements(),
      takeUntil(this.#leave),
    )
    return connection.pipe(
      repeat({ delay: () => this.#reconnect() }),
      retry({ delay: (error: unknown) => this.#reconnect({ error }) }),
    )
  }

  #receive(entries: ReadonlyArray<LogEntry>): void {
    if (!this.#isOpen) {
      this.#buffer.abandon()
      this.#isOpen = this.#isQuiet = true
      this.#isRead = false
      this.#readAttempts = 0
      this.#openedAt = this.#now()
      this.#live.succeeded()
    }
    this.#heardAt = this.#now()
    if (this.#isJoined && !this.#isReading) return this.#emit(entries)
    if (!this.#buffer.push(entries)) return this.#giveUp()
    if (entries.length > 0 && !this.#isReading) this.#join()
    this.#signal.next(0)
  }

  /** Closes the connection as one that dropped too often. */
  #giveUp(): void {
    this.#openedAt = Number.POSITIVE_INFINITY
    this.#drops = maxDrops
    this.#leave.next(0)
  }

  /** Emits what the connection gave, once it is known to go on after the position. `added`: what the last read did, if it was just now. */
  #join(added?: boolean): void {
    const { isOrdered, isBlank } = this.#position
    const held = this.#buffer.entries.length
    const { isFound, from } = this.#isJoined ? { isFound: true, from: 0 } : this.#buffer.overlap()
    if (isFound || this.#reader.replay === this.#buffer.entries) return this.#emit(this.#buffer.drain(from))
    const tellsNew = isOrdered || isBlank
    // Nothing that is known to be new: lines that were emitted, sent again.
    this.#isQuiet = held === 0 || (tellsNew && from >= held)
    if (added !== undefined) this.#readAttempts = held === 0 || (tellsNew && added) ? 0 : this.#readAttempts + 1
    const isSeldom = this.#reader.pace === 'seldom'
    if (this.#isQuiet || (this.#readAttempts < maxReadAttempts && !isSeldom)) return
    if (!isSeldom || !tellsNew || this.#reader.canRepair) return this.#giveUp()
    this.#position.gap('window', this.#buffer.entries[from])
    this.#emit(this.#buffer.drain(from))
  }

  #emit(entries: ReadonlyArray<LogEntry>): void {
    this.#isJoined = this.#isQuiet = this.#isRead = true
    this.#position.lines(entries, true)
  }

  /** The connection is over, however it ended: emits when it is opened again. */
  #reconnect(failure?: { readonly error: unknown }): Observable<unknown> {
    const { onClosed, options, scheduler, connection } = this.#context
    this.#isOpen = this.#isJoined = false
    onClosed()
    this.#drops = this.#now() - this.#openedAt >= shortWhile ? 1 : this.#drops + 1
    const wait = failure ? this.#live.countFailure(failure.error) : backoff(this.#drops, options.random)
    const isResting = wait === undefined || this.#drops > maxDrops
    this.#pollAt = this.#now() + (isResting ? 0 : wait + openTimeout)
    this.#signal.next(0)
    if (!isResting) {
      if (failure) this.#live.retrying(wait, failure.error)
      // One that closes in good order mostly means that the job is over: reported only when it is opened again.
      return timer(wait, scheduler).pipe(tap(() => failure ?? this.#live.retrying(0)))
    }
    const rest = wait === undefined ? 0 : restAfterDrops
    this.#live.fellBack(rest, failure?.error)
    this.#live = connection('live')
    this.#drops = 0
    return rest > 0 ? timer(rest, scheduler) : EMPTY
  }
}

const reasons: Readonly<Record<GapReason, string>> = {
  window: 'the log went on further than the service shows of it',
  ambiguous: 'equal lines leave more than one way to go on',
  download: 'the downloaded log does not continue what was emitted',
  'too-long': 'a line is longer than maxLineLength',
}

/** The elements of a tail, in batches. */
const elementsOf = <Ref, Job>(
  context: TailContext<Ref, Job>,
  isOnce: boolean,
): Observable<ReadonlyArray<LogElement<Ref>>> =>
  new Observable((subscriber) => {
    const { ref, key, options } = context
    const elements = new LogElements<Ref>(ref, options.from, (batch) => {
      const gap = options.onGap === 'error' ? batch.find((element) => element._tag === 'Gap') : undefined
      subscriber.next(gap ? batch.slice(0, batch.indexOf(gap)) : batch)
      if (gap) subscriber.error(new LogGapError({ method: 'GET', path: key, gap, reason: reasons[gap.reason] }))
    })
    return new Tail(context, elements).run(isOnce).subscribe(subscriber)
  })

/**
 * The lines of a log while it is written: by a live connection where there is one, else by polling. When the job is over the log is read
 * until a read adds nothing.
 */
export const createLogTail = <Ref, Job>(context: TailContext<Ref, Job>): ReturnType<LogTail<Ref, Job>> =>
  elementsOf(context, false)

/** The lines that a log has now. */
export const createLogRead = <Ref, Job>(context: TailContext<Ref, Job>): ReturnType<LogTail<Ref, Job>> =>
  elementsOf(context, true)
