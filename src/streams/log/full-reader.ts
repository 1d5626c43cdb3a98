import { catchError, concat, concatMap, defer, EMPTY, type Observable, of, retry, tap, throwError } from 'rxjs'
import { isHttpError, withPace } from '../../core/index.ts'
import type { LogEntry } from '../log-entry.ts'
import { type FromFull, type FullEnd, fromFull } from './from-full.ts'
import type { GapReason } from './log-line.ts'
import { type Batches, batch, type LogReaderSetup } from './log-reader-setup.ts'
import { enoughUntimed } from './matches.ts'
import type { Missing } from './verdict.ts'

/** Reads on by the whole log, where no window reaches back far enough; what it cannot repair is a gap. */
export class FullReader<Ref> {
  readonly #setup: LogReaderSetup<Ref>
  #full: ((ref: Ref) => Observable<string>) | undefined
  #exhausted = false

  constructor(setup: LogReaderSetup<Ref>) {
    this.#setup = setup
    this.#full = setup.repair ? setup.log.full : undefined
  }

  /** True where the whole log can be had and lines can be counted in it. */
  get usable(): boolean {
    return this.#full !== undefined && this.#setup.position.counted
  }

  /** True when the log was read to its end for good, so that another look would only cost. */
  get exhausted(): boolean {
    return this.#exhausted
  }

  /** A gap, and the entries after it. */
  gap(reason: GapReason, entries: ReadonlyArray<LogEntry>): Batches<Ref> {
    const { emit } = this.#setup
    return defer(() => batch([...emit.gap(reason, entries[0]), ...emit.lines(entries)]))
  }

  /** Goes on to a window's end by the whole log; where that cannot be done, there is a gap before its new entries. */
  leadTo({ window, from, reason }: Missing, complete: boolean): Batches<Ref> {
    const { emit, position } = this.#setup
    const { count } = position
    // A download may lag behind: a few texts, found in one that does not show their place, prove nothing.
    const wanted = complete || window.length >= enoughUntimed ? window : []
    return this.#read(wanted, complete, (end) => {
      switch (end._tag) {
        case 'joined':
          return defer(() => batch(emit.lines(window.slice(end.from))))
        case 'open':
          // A download that ends before lines that a window shows is an old one.
          return complete && position.count === count ? this.gap(reason, window.slice(from)) : EMPTY
        case 'several':
          return this.beyond(complete, reason)
        default:
          return this.gap(end._tag === 'apart' ? 'download' : reason, window.slice(from))
      }
    })
  }

  /** Reads to the end of the log, which costs the whole of it; where that cannot be done, there is a gap at the end. */
  beyond(complete: boolean, reason: GapReason): Batches<Ref> {
    return this.#read([], complete, (end) => {
      this.#exhausted = complete
      if (end._tag === 'open' || !complete) return EMPTY
      return this.gap(end._tag === 'apart' ? 'download' : reason, [])
    })
  }

  #read(window: ReadonlyArray<LogEntry>, complete: boolean, finish: (end: FullEnd) => Batches<Ref>): Batches<Ref> {
    const { ref, position, emit, link, ready } = this.#setup
    const full = this.#full
    if (full === undefined || !this.usable) return finish({ _tag: 'unavailable' })
    return defer(() => fromFull(withPace(full(ref), ready), position, window, complete)).pipe(
      tap({ complete: () => link.succeeded() }),
      retry({ delay: (error: unknown) => link.retryAfter(error) }),
      catchError((error: unknown) => {
        if (!isHttpError(error) || error.status === 401) return throwError(() => error)
        this.#full = undefined
        return of<FromFull>({ entries: [], end: { _tag: 'unavailable' } })
      }),
      concatMap(({ entries, end }) => {
        const lines = batch(emit.lines(entries))
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
