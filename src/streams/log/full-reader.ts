import { catchError, concat, concatMap, defer, EMPTY, type Observable, of, retry, throwError } from 'rxjs'
import { isHttpError, withPace } from '../../core/index.ts'
import type { LogEntry } from '../log-entry.ts'
import { type FromFull, type FullEnd, fromFull } from './from-full.ts'
import type { GapReason } from './log-line.ts'
import { type Batches, batch, type LogReaderSetup } from './log-reader-setup.ts'

/** Reads on by the whole log, where no window reaches back far enough; what it cannot repair is a gap. */
export class FullReader<Ref> {
  readonly #setup: LogReaderSetup<Ref>
  #full: ((ref: Ref) => Observable<string>) | undefined
  #exhausted = false
  #leftOpen = false

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

  /** True where a read of this look ended before the log's end: at a line that may be half a line, or at nothing. */
  get leftOpen(): boolean {
    return this.#leftOpen
  }

  /** Begins a look. */
  begin(): void {
    this.#leftOpen = false
  }

  /** A gap, and the entries after it. */
  gap(reason: GapReason, entries: ReadonlyArray<LogEntry>): Batches<Ref> {
    const { emit } = this.#setup
    return defer(() => batch([...emit.gap(reason, entries[0]), ...emit.lines(entries)]))
  }

  /** Leads up to entries; where that cannot be done, there is a gap before them. */
  leadTo(entries: ReadonlyArray<LogEntry>, complete: boolean, reason: GapReason): Batches<Ref> {
    const { emit, position } = this.#setup
    const { count } = position
    return this.#read(entries, complete, (end) => {
      switch (end) {
        case 'joined':
          return defer(() => batch(emit.lines(entries)))
        case 'open':
          this.#leftOpen = !complete
          // A download that ends before lines that a window shows is an old one.
          return complete && position.count === count ? this.gap(reason, entries) : EMPTY
        case 'several':
          return complete ? this.beyond(complete) : this.gap('ambiguous', entries)
        default:
          return this.gap(end === 'apart' ? 'download' : reason, entries)
      }
    })
  }

  /** Reads to the end of the log, which costs the whole of it. */
  beyond(complete: boolean): Batches<Ref> {
    return this.#read([], complete, (end) => {
      this.#exhausted = complete
      this.#leftOpen = !complete
      if (end === 'open' || !complete) return EMPTY
      return this.gap(end === 'apart' ? 'download' : 'window', [])
    })
  }

  #read(window: ReadonlyArray<LogEntry>, complete: boolean, finish: (end: FullEnd) => Batches<Ref>): Batches<Ref> {
    const { ref, position, emit, link, ready } = this.#setup
    const full = this.#full
    if (full === undefined || !this.usable) return finish('unavailable')
    return defer(() => fromFull(withPace(full(ref), ready), position, window, complete)).pipe(
      retry({ delay: (error: unknown) => link.retryAfter(error) }),
      catchError((error: unknown) => {
        if (!isHttpError(error) || error.status === 401) return throwError(() => error)
        this.#full = undefined
        return of<FromFull>({ entries: [], end: 'unavailable' })
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
