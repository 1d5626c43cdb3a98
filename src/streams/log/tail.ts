import { concat, defaultIfEmpty, defer, EMPTY, ignoreElements, map, Observable, repeat, takeUntil, timer } from 'rxjs'
import { backoff, elapsed, subscribeInto } from '../../core/index.ts'
import type { ConnectionState } from '../connection.ts'
import type { LogElement } from '../types.ts'
import { LiveBuffer, liveSession, type SessionEnd } from './live.ts'
import { ElementOutput, Position } from './position.ts'
import { LogReader } from './reader.ts'
import type { BoundLog, TailParts, TailSetup } from './setup.ts'
import { StartFilter, StartFinder, type StartSetup } from './start.ts'

// A live connection that keeps dropping is left alone for a while, and the log is polled meanwhile. One that closed at once is no better
// for what it sent: the log gives as much, at a pace that we choose.
const mostDrops = 3
const tooShort = 250
const restAfterDrops = 60_000

// Where only the whole log shows what is new, each read costs the whole log.
const costlyPause = 15_000

// A log that nearly outruns its window is read again before it does.
const fastPause = 50

// Most lines came with the first read; a log that still grows after its job is read ever less often.
const drainPause = 50
const longestDrainPause = 2_500

class Tail {
  readonly #parts: TailParts
  readonly #start: StartFinder
  readonly #reader: LogReader
  readonly #buffer: LiveBuffer
  readonly #stream: BoundLog['stream']
  #live: ConnectionState
  /** When the live connection may be opened. */
  #liveFrom = 0
  #drops = 0
  #wait = 0
  #openedAt = 0
  #isReopening = false
  #isFast = false
  isOver = false

  constructor(parts: TailParts, filter: StartSetup['filter']) {
    const { log, position } = parts
    this.#parts = parts
    this.#reader = new LogReader(parts)
    this.#start = new StartFinder({ ...parts, reader: this.#reader, filter, isOver: () => this.isOver })
    this.#buffer = new LiveBuffer(position)
    this.#live = parts.connection('live')
    this.#stream = log.after === undefined ? log.stream : undefined
  }

  run(): Observable<never> {
    const { over, scheduler, now } = this.#parts
    const running = defer(() => {
      const stream = this.#stream
      return stream !== undefined && now() >= this.#liveFrom ? this.#connected(stream) : this.#polled()
    })
    return concat(
      this.#start.find(),
      running.pipe(repeat({ delay: () => timer(this.#wait, scheduler) }), takeUntil(over)),
      defer(() => this.#atEnd()),
    )
  }

  /** When the job is over: reads the rest of the log, and lets what a connection gave take its place in it. */
  #atEnd(): Observable<never> {
    this.#buffer.emitNext(this.#parts.output)
    return concat(
      this.#drained(),
      defer(() => {
        this.#buffer.emitRest(this.#parts.output)
        return EMPTY
      }),
    )
  }

  #connected(stream: NonNullable<BoundLog['stream']>): Observable<never> {
    const { demand, now } = this.#parts
    if (this.#isReopening) this.#live.retrying(0)
    this.#isReopening = false
    this.#openedAt = now()
    return liveSession({
      ...this.#parts,
      pause: (added) => this.#pause(added),
      stream: stream(demand),
      buffer: this.#buffer,
      reader: this.#reader,
      onOpen: () => {
        this.#buffer.take()
        this.#live.succeeded()
      },
      onEnd: (end, isUseful, error) => this.#ended(end, isUseful, error),
    })
  }

  #ended(end: SessionEnd, isUseful: boolean, error: unknown): void {
    const { onClosed, random, now } = this.#parts
    onClosed()
    if (end === 'useless') return this.#fallBack(Number.POSITIVE_INFINITY)
    const lasted = now() - this.#openedAt
    this.#drops = isUseful && lasted >= tooShort ? 1 : this.#drops + 1
    const wait = end === 'failed' ? this.#live.nextWait(error) : backoff(this.#drops, random)
    if (wait === undefined) return this.#fallBack(Number.POSITIVE_INFINITY, error)
    if (this.#drops > mostDrops) return this.#fallBack(restAfterDrops, error)
    this.#wait = wait
    // A connection that closes in good order mostly means that the job is over: reported only when it is opened again.
    if (end === 'closed') this.#isReopening = true
    else this.#live.retrying(wait, error)
  }

  #fallBack(ms: number, error?: unknown): void {
    this.#liveFrom = this.#parts.now() + ms
    this.#drops = 0
    this.#wait = 0
    this.#live.fellBack(Number.isFinite(ms) ? ms : 0, error)
    this.#live = this.#parts.connection('live')
  }

  /** Milliseconds until the next read. One that came early, and so added nothing, does not slow down the next ones. */
  #pause(added: boolean): number {
    const pause = this.#parts.pause(added || this.#isFast)
    const { strategy } = this.#reader
    this.#isFast = strategy === 'fast'
    if (this.#isFast) return Math.min(pause, fastPause)
    return strategy === 'costly' ? Math.max(pause, costlyPause) : pause
  }

  /** Whether a read of the log adds lines. */
  #added(isComplete: boolean): Observable<boolean> {
    return defer(() => {
      const { taken } = this.#parts.output
      return this.#reader.read(isComplete).pipe(
        defaultIfEmpty(undefined),
        map(() => this.#parts.output.taken > taken),
      )
    })
  }

  #polled(): Observable<never> {
    return this.#added(false).pipe(
      map((added) => (this.#wait = this.#pause(added))),
      ignoreElements(),
    )
  }

  #drained(): Observable<never> {
    let hasAdded = false
    return this.#added(true).pipe(
      map((added) => (hasAdded = added)),
      repeat({
        delay: (reads) =>
          hasAdded && this.#reader.strategy !== 'done'
            ? timer(Math.min(drainPause * 2 ** (reads - 1), longestDrainPause), this.#parts.scheduler)
            : EMPTY,
      }),
      ignoreElements(),
    )
  }
}

/**
 * The lines of a log while it is written, in batches: by a live connection where there is one, else by polling. When the job is over
 * the log is read until a read adds nothing.
 */
export function tailElements<Ref>(setup: TailSetup<Ref>): Observable<ReadonlyArray<LogElement<Ref>>> {
  return new Observable((subscriber) => {
    const { from, jobKey, elements, log, over, scheduler } = setup
    const position = new Position(jobKey, typeof from === 'object' && 'job' in from ? from : undefined)
    const filter = new StartFilter<Ref>(from, (batch) => subscriber.next(batch))
    const output = new ElementOutput(position, elements, log.maxLineLength, (batch) => filter.pass(batch))
    const tail = new Tail(
      { ...setup, position, output, reads: setup.connection('log'), now: elapsed(scheduler) },
      filter,
    )
    subscribeInto(subscriber, over, { next: () => (tail.isOver = true) })
    subscribeInto(subscriber, tail.run(), {
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    })
  })
}
