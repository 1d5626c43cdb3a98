import {
  combineLatest,
  defer,
  map,
  mergeMap,
  NEVER,
  Observable,
  of,
  race,
  skipWhile,
  startWith,
  Subject,
  type Subscriber,
  Subscription,
  switchMap,
  take,
  timer,
} from 'rxjs'
import { subscribeInto } from '../../core/index.ts'
import type { LogEntry } from '../types.ts'
import { findOverlap, type Overlap } from './overlap.ts'
import type { LogOutput, Position } from './position.ts'
import type { LogReader } from './reader.ts'
import type { TailParts } from './setup.ts'
import { compareTimestamps, isOrdered } from './timestamp.ts'

// Beyond this many held entries, those that are old for certain are dropped, each time that as many more have come.
const dropAt = 2_000

// Beyond this many held entries, or characters of them, the connection is closed.
const mostEntries = 50_000
const mostUnits = 2 ** 24

/** What a live connection gave and is not emitted yet, because it is not known where in the log it stands. */
export class LiveBuffer {
  readonly #position: Position
  #units = 0
  #dropAt = dropAt
  entries: Array<LogEntry> = []

  constructor(position: Position) {
    this.#position = position
  }

  get isFull(): boolean {
    return this.entries.length > mostEntries || this.#units > mostUnits
  }

  /** Holds entries. A connection that sends the whole log first is not held in memory. */
  push(entries: ReadonlyArray<LogEntry>): void {
    for (const entry of entries) {
      this.entries.push(entry)
      this.#units += entry.data.length
    }
    if (this.entries.length <= this.#dropAt) return
    for (const { data } of this.#dropOlder()) this.#units -= data.length
    this.#dropAt = this.entries.length + dropAt
  }

  /** Gives the entries from `from` on and holds nothing. */
  take(from = 0): ReadonlyArray<LogEntry> {
    const entries = this.entries.slice(from)
    this.entries = []
    this.#units = 0
    this.#dropAt = dropAt
    return entries
  }

  /**
   * Where the entries go on after the position. Entries that are newer prove nothing: a log may show its lines later than a
   * connection does.
   */
  overlap(): Overlap {
    if (this.entries.length === 0 || this.#position.isBlank) return { kind: 'Disjoint', from: 0 }
    return findOverlap(this.entries, this.#position, 'live')
  }

  /** Emits what goes on after the position. */
  emitNext(output: LogOutput): void {
    const { kind, from } = this.overlap()
    if (kind === 'Found') output.lines(this.take(from), true)
  }

  /**
   * At the log's end: emits what the log never showed, after a gap. Where it is not certain that it is new there is only a gap.
   */
  emitRest(output: LogOutput): void {
    const { isBlank, isOrdered: tellsNew, isTimed } = this.#position
    if (isTimed) this.emitNext(output)
    const { from } = this.overlap()
    const after = this.entries[from]
    if (after === undefined || !(isBlank || (tellsNew && isOrdered(this.entries)))) return
    output.gap('window', isTimed ? after : undefined)
    if (isTimed) output.lines(this.take(from), true)
  }

  /** Drops entries that are older than the position, but for one that shows that there were any; gives those. */
  #dropOlder(): ReadonlyArray<LogEntry> {
    const { isExact, timestamp } = this.#position
    if (!isExact) return []
    const kept = this.entries.findIndex((entry) => !(compareTimestamps(entry.timestamp, timestamp) < 0))
    return this.entries.splice(0, Math.max(0, (kept < 0 ? this.entries.length : kept) - 1))
  }
}

/**
 * Why a live session ended. `failed`: the connection did. `stalled`: the log and the connection do not show the same lines in good
 * time. `useless`: what it sends cannot be distinguished from what was emitted.
 */
export type SessionEnd = 'closed' | 'failed' | 'stalled' | 'useless'

/** What a live session works with. */
interface LiveSetup extends TailParts {
  readonly stream: Observable<ReadonlyArray<LogEntry>>
  readonly buffer: LiveBuffer
  readonly reader: LogReader
  readonly onOpen: () => void
  /** Told how the session ended, and whether the connection gave any line that was new. */
  readonly onEnd: (end: SessionEnd, isUseful: boolean, error?: unknown) => void
}

// Milliseconds between two reads for the place of what the connection gave.
const betweenReads = 250

// After so many reads the log and the connection do not meet. Lines at one time cannot be distinguished, but a little later there are
// others.
const mostReads = 12

// Milliseconds that a connection may take to open before the log is polled meanwhile.
const openingPatience = 1_000

// Milliseconds that are waited for what a connection replays, before a download.
const replayPatience = 250

type State = 'opening' | 'reading' | 'waiting' | 'joined'

class LiveSession {
  readonly #setup: LiveSetup
  readonly #subscriber: Subscriber<never>
  readonly #tasks = new Subscription()
  readonly #heard = new Subject<unknown>()
  #state: State = 'opening'
  #isOpen = false
  /** Whether the connection is known to send the log from its first line. */
  #isWhole = false
  #isUseful = false
  /** Reads in a row after which the log and the connection still did not meet. */
  #reads = 0
  #readAt = Number.NEGATIVE_INFINITY
  #readSoon: Subscription | undefined
  #ended: { readonly end: SessionEnd; readonly error?: unknown } | undefined

  constructor(setup: LiveSetup, subscriber: Subscriber<never>) {
    this.#setup = setup
    this.#subscriber = subscriber
    subscriber.add(this.#tasks)
  }

  connect(): void {
    const { stream, demand, stallTimeout, scheduler } = this.#setup
    // While the demand is false the connection is held back by us, and its silence means nothing.
    const silence = combineLatest([demand, this.#heard.pipe(startWith(0))]).pipe(
      switchMap(([isOpen]) => (isOpen ? timer(stallTimeout, stallTimeout, scheduler) : NEVER)),
    )
    subscribeInto(this.#tasks, silence, { next: () => this.#checkStall() })
    this.#later(() => this.#pollWhileOpening(), openingPatience)
    subscribeInto(this.#subscriber, stream, {
      next: (entries) => this.#receive(entries),
      error: (error: unknown) => this.#over('failed', error),
      complete: () => this.#over('closed'),
    })
  }

  #later(task: () => void, ms: number): Subscription {
    const subscription: Subscription = this.#setup.scheduler.schedule(() => {
      this.#tasks.remove(subscription)
      task()
    }, ms)
    this.#tasks.add(subscription)
    return subscription
  }

  #receive(entries: ReadonlyArray<LogEntry>): void {
    const { buffer, onOpen } = this.#setup
    const isFirst = !this.#isOpen
    const isJoined = this.#state === 'joined'
    this.#isOpen = true
    if (isFirst) onOpen()
    if (!isJoined) buffer.push(entries)
    this.#heard.next(0)
    if (isFirst && this.#state === 'opening') this.#read(this.#advance)
    if (entries.length === 0) return
    if (isJoined) return this.#give(entries)
    if (buffer.isFull) return this.#finish('stalled')
    if (this.#state === 'waiting') this.#act('arrived')
  }

  #give(entries: ReadonlyArray<LogEntry>): void {
    if (entries.length === 0) return
    this.#isUseful = true
    this.#setup.output.lines(entries, true)
  }

  /** The connection is over: at once, or when the log has been read that is being read. */
  #over(end: SessionEnd, error?: unknown): void {
    this.#ended = { end, error }
    if (this.#state !== 'reading') this.#finish(end, error)
  }

  #finish(end: SessionEnd, error?: unknown): void {
    this.#setup.onEnd(end, this.#isUseful, error)
    this.#subscriber.complete()
  }

  /** Reads the log to its end; `then` gets whether that added anything. */
  #read(then: (added: boolean) => void): void {
    const { output, reader, now } = this.#setup
    const { taken } = output
    this.#state = 'reading'
    this.#readAt = now()
    subscribeInto(
      this.#tasks,
      reader.read(false, () => this.#replays()),
      {
        error: (error: unknown) => this.#subscriber.error(error),
        complete: () => {
          if (this.#ended !== undefined) this.#finish(this.#ended.end, this.#ended.error)
          else then(output.taken > taken)
        },
      },
    )
  }

  /** Whether what the connection replays goes on after the position, so that no download is needed. */
  #replays(): Observable<boolean> {
    const { buffer, position, scheduler, reader } = this.#setup
    const arrived = defer(() =>
      buffer.entries.length > 0
        ? of(0)
        : race(this.#heard.pipe(skipWhile(() => buffer.entries.length === 0)), timer(replayPatience, scheduler)),
    )
    return arrived.pipe(
      take(1),
      mergeMap(() => (position.isBlank ? reader.beginsWith(buffer.entries) : of(buffer.overlap().kind === 'Found'))),
      map((replays) => {
        this.#isWhole = replays && position.isBlank
        return replays
      }),
    )
  }

  /** A connection that does not open delays nothing: the log is polled meanwhile. */
  #pollWhileOpening(): void {
    if (this.#state !== 'opening') return
    this.#read((added) => {
      // What is missing between this read and the opening shows in a read after it.
      if (this.#isOpen) return this.#read(this.#advance)
      this.#state = 'opening'
      this.#later(() => this.#pollWhileOpening(), this.#setup.pause(added))
    })
  }

  #checkStall(): void {
    if (this.#state !== 'waiting' && this.#state !== 'joined') return
    const isJoined = this.#state === 'joined'
    this.#read((added) => {
      if (added) return this.#finish('stalled')
      if (isJoined) this.#join(0)
      else this.#act('read')
    })
  }

  readonly #advance = (added: boolean): void => this.#act(added ? 'added' : 'read')

  /** Decides how to go on, after entries arrived or the log was read. */
  #act(why: 'arrived' | 'read' | 'added'): void {
    const { position, buffer, reader, output } = this.#setup
    this.#state = 'waiting'
    const held = buffer.entries.length
    const { kind, from } = buffer.overlap()
    if (kind === 'Found' || this.#isWhole) return this.#join(from)
    const tellsNew = position.isOrdered || position.isBlank
    const isNew = tellsNew && from < held
    this.#isUseful ||= isNew
    if (why !== 'arrived') this.#reads = held === 0 || (tellsNew && why === 'added') ? 0 : this.#reads + 1
    // Nothing that is known to be new: lines that were emitted, sent again.
    const isQuiet = held === 0 || (tellsNew && !isNew)
    const isCostly = reader.strategy === 'costly'
    if (this.#reads < mostReads && !isCostly && (why === 'arrived' || !isQuiet)) return this.#readAgain()
    if (isQuiet) return
    if (tellsNew && !isCostly) return this.#finish('stalled')
    if (reader.canRepair || !tellsNew) return this.#finish('useless')
    output.gap('window', buffer.entries[from])
    this.#join(from)
  }

  /** From here on what the connection gives is the log. */
  #join(from: number): void {
    this.#state = 'joined'
    this.#give(this.#setup.buffer.take(from))
  }

  #readAgain(): void {
    const wait = this.#readAt + betweenReads - this.#setup.now()
    const read = (): void => {
      this.#readSoon = undefined
      if (this.#state === 'waiting') this.#read(this.#advance)
    }
    this.#readSoon ??= this.#later(read, Math.max(0, wait))
  }
}

/**
 * One live connection: opened first, then the log is read up to its end, then the connection goes on from there, so that nothing falls
 * between the two. Completes when the connection is over, however it ended; fails only as reading the log does.
 */
export const liveSession = (setup: LiveSetup): Observable<never> =>
  new Observable((subscriber) => new LiveSession(setup, subscriber).connect())
