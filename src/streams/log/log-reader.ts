import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  filter,
  mergeMap,
  type Observable,
  of,
  retry,
  take,
  throwError,
} from 'rxjs'
import { isHttpError, type Ready, withPace } from '../../core/index.ts'
import type { JobLog } from '../job-log.ts'
import type { Link } from '../link.ts'
import type { LogEntry } from '../log-entry.ts'
import type { Emitter } from './emitter.ts'
import { type FromFull, type FullEnd, fromFull } from './from-full.ts'
import type { GapReason, LogElement } from './log-line.ts'
import type { Position } from './position.ts'
import { defaultWidest, type Then, WindowPlan } from './window-plan.ts'

/** What a {@link LogReader} reads with. */
export interface LogReaderSetup<Ref> {
  readonly log: JobLog<Ref>
  readonly ref: Ref
  readonly position: Position<Ref>
  readonly emit: Emitter<Ref>
  readonly link: Link
  readonly ready: Ready
  /** Whether gaps are repaired from the whole log. */
  readonly repair: boolean
}

/** New lines and gaps, in batches. */
export type Batches<Ref> = Observable<ReadonlyArray<LogElement<Ref>>>

/** One batch, unless it is empty. */
const some = <A>(batch: ReadonlyArray<A>): Observable<ReadonlyArray<A>> => (batch.length === 0 ? EMPTY : of(batch))

/** Reads a log from where a position stands to its end, and moves the position. */
export class LogReader<Ref> {
  readonly #setup: LogReaderSetup<Ref>
  readonly #plan: WindowPlan<Ref>
  #full: ((ref: Ref) => Observable<string>) | undefined
  #next: number
  #exhausted = false
  #atEnd = true

  constructor(setup: LogReaderSetup<Ref>) {
    this.#setup = setup
    this.#plan = new WindowPlan(setup.position, setup.log.widest ?? defaultWidest)
    this.#full = setup.repair ? setup.log.full : undefined
    this.#next = setup.position.count
  }

  /** True when the log was read to its end for good, so that another look would only cost. */
  get exhausted(): boolean {
    return this.#exhausted
  }

  /** True where the last look reached the end that the log had then. */
  get atEnd(): boolean {
    return this.#atEnd
  }

  /** True where the log grows so fast that its window should be looked at again at once. */
  get hurried(): boolean {
    return this.#plan.hurried
  }

  /** True where polling gets at lines that no window shows. */
  get repairs(): boolean {
    return this.#full !== undefined && this.#setup.position.counted
  }

  /** True while each look costs the whole log. */
  get costly(): boolean {
    return this.#setup.log.since === undefined && this.#plan.ask() === undefined
  }

  /**
   * One look: emits what is new and completes. Waits until the consumer is ready for it.
   *
   * @param complete whether the log is no longer written
   */
  look(complete: boolean): Batches<Ref> {
    const ready = this.#setup.ready.pipe(filter(Boolean), take(1))
    return ready.pipe(
      mergeMap(() => {
        this.#atEnd = true
        if (this.#setup.log.since !== undefined) return this.#counted(this.#setup.log.since)
        const lines = this.#plan.ask()
        return lines === undefined ? this.#beyond(complete) : this.#window(lines, complete)
      }),
    )
  }

  /** A log that the service counts needs no comparing. */
  #counted(since: NonNullable<JobLog<Ref>['since']>): Batches<Ref> {
    const { ref, link, emit } = this.#setup
    return link
      .once(() => since(ref, this.#next))
      .pipe(
        mergeMap(({ entries, next }) => {
          this.#next = next
          return some(emit.lines(entries))
        }),
      )
  }

  #window(lines: number, complete: boolean): Batches<Ref> {
    const { log, ref, link, emit } = this.#setup
    return link
      .once(() => log.window(ref, lines))
      .pipe(
        mergeMap((window): Batches<Ref> => {
          const verdict = this.#plan.judge(window, lines)
          if (verdict._tag === 'Missing') {
            return this.#repair(verdict.entries, complete, verdict.reason)
          }
          return concat(
            some(emit.lines(verdict.entries)),
            defer(() => this.#goOn(verdict.then, complete)),
          )
        }),
      )
  }

  #goOn(then: Then, complete: boolean): Batches<Ref> {
    switch (then._tag) {
      case 'end':
        return EMPTY
      case 'ask':
        return this.#window(then.lines, complete)
      case 'beyond':
        return this.#beyond(complete)
      case 'unsure':
        this.#atEnd = false
        return complete ? this.#gap('ambiguous', []) : EMPTY
    }
  }

  #gap(reason: GapReason, entries: ReadonlyArray<LogEntry>): Batches<Ref> {
    const { emit } = this.#setup
    return defer(() => some([...emit.gap(reason, entries[0]), ...emit.lines(entries)]))
  }

  /** Leads up to entries by the whole log; where that cannot be had, there is a gap before them. */
  #repair(entries: ReadonlyArray<LogEntry>, complete: boolean, reason: GapReason): Batches<Ref> {
    const { emit } = this.#setup
    return this.#fromFull(entries, complete, (end) => {
      switch (end) {
        case 'joined':
          return defer(() => some(emit.lines(entries)))
        case 'open':
          this.#atEnd = complete
          return EMPTY
        case 'several':
          return complete ? this.#beyond(complete) : this.#gap('ambiguous', entries)
        default:
          return this.#gap(end === 'apart' ? 'download' : reason, entries)
      }
    })
  }

  /** Reads on where no window shows the log: by the whole of it, which costs the whole of it. */
  #beyond(complete: boolean): Batches<Ref> {
    return this.#fromFull([], complete, (end) => {
      this.#exhausted = complete
      // A download of a log that is still written may end in half a line, which is left out.
      this.#atEnd = complete && end === 'open'
      if (end === 'open' || !complete) return EMPTY
      return this.#gap(end === 'apart' ? 'download' : 'window', [])
    })
  }

  #fromFull(window: ReadonlyArray<LogEntry>, complete: boolean, finish: (end: FullEnd) => Batches<Ref>): Batches<Ref> {
    const { ref, position, emit, link, ready } = this.#setup
    const full = this.#full
    if (full === undefined || !this.repairs) return finish('unavailable')
    return defer(() => fromFull(withPace(full(ref), ready), position, window, complete)).pipe(
      retry({ delay: (error: unknown) => link.retryAfter(error) }),
      catchError((error: unknown) => {
        if (!isHttpError(error) || error.status === 401) return throwError(() => error)
        this.#full = undefined
        return of<FromFull>({ entries: [], end: 'unavailable' })
      }),
      concatMap(({ entries, end }) => {
        const lines = some(emit.lines(entries))
        return end === undefined
          ? lines
          : concat(
              lines,
              defer(() => finish(end)),
            )
      }),
    )
  }
}
