import {
  catchError,
  concat,
  defer,
  EMPTY,
  endWith,
  filter,
  ignoreElements,
  map,
  mergeMap,
  type Observable,
  of,
  retry,
  take,
  takeWhile,
  tap,
  throwError,
} from 'rxjs'
import { HttpError } from '../../core/index.ts'
import type { GapReason, LogEntry } from '../types.ts'
import { type DownloadEnd, type DownloadGoal, DownloadReader } from './download.ts'
import { downloadText, enoughUntimed } from './lines.ts'
import type { BoundLog, TailParts } from './setup.ts'
import { defaultMaxLines, type WindowGap, WindowReader } from './window.ts'

/**
 * How the log is to be read next. `fast`: soon, because it nearly outruns its window. `costly`: seldom, because each read costs the
 * whole log. `done`: not at all, it was read to its end for good.
 */
type Strategy = 'poll' | 'fast' | 'costly' | 'done'

const never = (): Observable<boolean> => of(false)

/** Reads a log from a position to its end: by windows, and by the download where no window reaches back far enough. */
export class LogReader {
  readonly #parts: TailParts
  readonly #windows: WindowReader
  #download: BoundLog['download']
  #nextOffset: number
  #isDone = false
  #joined = never

  constructor(parts: TailParts) {
    const { log, position, repair } = parts
    this.#parts = parts
    this.#windows = new WindowReader(position, log.maxLines ?? defaultMaxLines)
    this.#download = repair ? log.download : undefined
    this.#nextOffset = position.offset
  }

  /** Notes that windows show the log's last lines. */
  expectLast(): void {
    this.#windows.anchor = 'last'
  }

  get strategy(): Strategy {
    if (this.#isDone) return 'done'
    if (this.#parts.log.after === undefined && this.#windows.isUsedUp) return 'costly'
    return this.#windows.isFast ? 'fast' : 'poll'
  }

  /** True where the download can be had, and lines can be counted in it. */
  get canRepair(): boolean {
    return this.#download !== undefined && this.#parts.position.isComplete
  }

  /**
   * Reads once to the log's end and completes. Waits until there is demand.
   *
   * @param isComplete whether the log is no longer written
   * @param joined asked before a download; where it gives true the read ends, because the lines come another way
   */
  read(isComplete: boolean, joined: () => Observable<boolean> = never): Observable<never> {
    const { demand, log, now } = this.#parts
    return demand.pipe(
      filter(Boolean),
      take(1),
      mergeMap(() => {
        this.#joined = joined
        if (log.after !== undefined) return this.#counted(log.after)
        const lines = this.#windows.begin(now(), isComplete)
        return lines === undefined ? this.#toEnd(isComplete, 'window') : this.#window(lines, isComplete)
      }),
    )
  }

  /** A log that the service counts needs no comparing. */
  #counted(after: NonNullable<BoundLog['after']>): Observable<never> {
    const { reads, output } = this.#parts
    return reads
      .once(() => after(this.#nextOffset))
      .pipe(
        tap(({ entries, nextOffset }) => {
          this.#nextOffset = nextOffset
          output.lines(entries)
        }),
        ignoreElements(),
      )
  }

  #window(lines: number, isComplete: boolean): Observable<never> {
    const { log, reads, output, now } = this.#parts
    let askedAt = 0
    const answer = reads.once(() => {
      askedAt = now()
      return log.read(lines)
    })
    return answer.pipe(
      mergeMap((window) => {
        const result = this.#windows.judge(window, lines, askedAt, now())
        if (result.next === undefined) return this.#leadTo(result, isComplete)
        output.lines(result.entries)
        if (typeof result.next === 'number') return this.#window(result.next, isComplete)
        if (result.next === 'download') return this.#toEnd(isComplete, 'window')
        return result.next === 'undecided' && isComplete ? this.#toEnd(true, 'ambiguous') : EMPTY
      }),
    )
  }

  #gap(reason: GapReason, entries: ReadonlyArray<LogEntry>): Observable<never> {
    this.#parts.output.gap(reason, entries[0])
    this.#parts.output.lines(entries)
    return EMPTY
  }

  /** Goes on to a window's end by the download; where that cannot be done, there is a gap before its new entries. */
  #leadTo({ window, from, reason }: WindowGap, isComplete: boolean): Observable<never> {
    const { output, position } = this.#parts
    const { offset } = position
    return this.#fromDownload({ window, from, isComplete, isTrusted: false }, (end) => {
      switch (end?.kind) {
        case 'joined':
          output.lines(window.slice(end.from))
          return EMPTY
        case 'open':
        case 'short':
          // A download that ends before lines that a window shows is an old one.
          return isComplete && position.offset === offset ? this.#gap(reason, window.slice(from)) : EMPTY
        case 'repeated':
          return this.#toEnd(isComplete, reason)
        default:
          return this.#gap(end === undefined ? reason : 'download', window.slice(from))
      }
    })
  }

  /** Reads the download to its end; where that cannot be done, there is a gap at the end. */
  #toEnd(isComplete: boolean, reason: GapReason): Observable<never> {
    return this.#fromDownload({ window: [], from: 0, isComplete, isTrusted: true }, (end) => {
      this.#isDone = isComplete
      if (end?.kind === 'open' || !isComplete) return EMPTY
      return this.#gap(end === undefined ? reason : 'download', [])
    })
  }

  /** @param finish gets how the download ended; undefined where there is none */
  #fromDownload(goal: DownloadGoal, finish: (end?: DownloadEnd) => Observable<never>): Observable<never> {
    if (!this.canRepair) return finish()
    return this.#joined().pipe(
      mergeMap((isJoined) => {
        const download = this.#download
        return isJoined ? EMPTY : download === undefined ? finish() : this.#scan(download, goal, finish)
      }),
    )
  }

  #scan(
    download: NonNullable<BoundLog['download']>,
    goal: DownloadGoal,
    finish: (end?: DownloadEnd) => Observable<never>,
  ): Observable<never> {
    const { position, output, reads, demand } = this.#parts
    let isMissing = false
    let reader = new DownloadReader(position, goal)
    const scanned = defer(() => {
      reader = new DownloadReader(position, goal)
      return download(demand)
    }).pipe(
      takeWhile((lines) => {
        output.lines(reader.push(lines))
        return !reader.isForeign
      }),
      ignoreElements(),
      tap({ complete: () => reads.succeeded() }),
      retry({ delay: (error: unknown) => reads.retryAfter(error) }),
      catchError((error: unknown) => {
        if (!(error instanceof HttpError) || error.status === 401) return throwError(() => error)
        this.#download = undefined
        isMissing = true
        return EMPTY
      }),
    )
    const finished = defer(() => {
      if (isMissing) return finish()
      const { entries, end } = reader.end()
      output.lines(entries)
      return end.kind === 'again' ? this.#scan(download, { ...goal, isTrusted: true }, finish) : finish(end)
    })
    return concat(scanned, finished)
  }

  /** True where the log begins with these entries, as its download shows. Reads only the download's beginning. */
  beginsWith(entries: ReadonlyArray<LogEntry>): Observable<boolean> {
    const download = this.#download
    if (download === undefined || entries.length < enoughUntimed) return of(false)
    const head: Array<string> = []
    return download(this.#parts.demand).pipe(
      takeWhile((lines) => {
        head.push(...lines.slice(0, enoughUntimed))
        return head.length < enoughUntimed
      }),
      ignoreElements(),
      endWith(0),
      map(() => entries.slice(0, enoughUntimed).every(({ data }, at) => downloadText(data) === head[at])),
      catchError(() => of(false)),
    )
  }
}
