import { concat, defer, EMPTY, mergeMap, type Observable } from 'rxjs'
import type { LogElement, LogEntry, LogStart } from '../types.ts'
import { detectWindowAnchor } from './overlap.ts'
import type { LogReader } from './reader.ts'
import type { TailParts } from './setup.ts'
import { toDate } from './timestamp.ts'
import { defaultMaxLines } from './window.ts'

/** What was asked for: so many of the last lines, or the lines since a moment. */
function startOf(from: LogStart): { readonly last?: number; readonly since?: Date } {
  if (from === 'now') return { last: 0 }
  return typeof from === 'object' && !('job' in from) ? from : {}
}

/** Undefined where it is no timestamp. */
function isBefore(timestamp: string, moment: Date): boolean | undefined {
  const date = toDate(timestamp)
  return date === undefined ? undefined : date < moment
}

/** The last so many lines, with the gaps between them and after them. */
function lastLines<Ref>(elements: ReadonlyArray<LogElement<Ref>>, count: number): ReadonlyArray<LogElement<Ref>> {
  let left = count
  for (let at = elements.length - 1; at >= 0; at--) {
    const element = elements[at]
    const isLine = element?._tag === 'Line' || element?.reason === 'too-long'
    if (isLine && left-- === 0) return elements.slice(at + 1)
  }
  return elements
}

/** Leaves out the elements before a stream's beginning. */
export class StartFilter<Ref> {
  readonly #emit: (elements: ReadonlyArray<LogElement<Ref>>) => void
  /** How many of the last elements are kept until {@link release}. */
  #last: number | undefined
  #since: Date | undefined
  #isDropping = false
  #held: ReadonlyArray<LogElement<Ref>> = []

  constructor(from: LogStart, emit: (elements: ReadonlyArray<LogElement<Ref>>) => void) {
    this.#emit = emit
    const { last, since } = startOf(from)
    this.#last = last
    this.#since = since
  }

  pass(elements: ReadonlyArray<LogElement<Ref>>): void {
    if (this.#last !== undefined) {
      this.#held = lastLines([...this.#held, ...elements], this.#last)
      return
    }
    const kept = this.#since === undefined ? elements : elements.slice(this.#firstSince(elements, this.#since))
    if (kept.length > 0) this.#emit(kept)
  }

  /** The beginning was found: emits what was kept. */
  release(): void {
    this.#last = undefined
    if (this.#held.length > 0) this.#emit(this.#held)
    this.#held = []
  }

  #firstSince(elements: ReadonlyArray<LogElement<Ref>>, since: Date): number {
    const first = elements.findIndex((element) => {
      // What is missing is older than the line after it. A line without a time is as old as the one before it, and one of a download
      // may be of any time.
      const entry = element._tag === 'Line' ? element : element.reason === 'too-long' ? element.cursor : element.after
      const isOld = entry && isBefore(entry.timestamp, since)
      this.#isDropping = isOld ?? (this.#isDropping && element._tag === 'Line' && element.source !== '')
      return !this.#isDropping
    })
    if (first >= 0) this.#since = undefined
    return first < 0 ? elements.length : first
  }
}

/** What is needed to find a stream's beginning. */
export interface StartSetup extends TailParts {
  readonly reader: LogReader
  readonly filter: { readonly release: () => void }
  readonly isOver: () => boolean
}

// The first windows that are read: two of them tell which lines of the log windows show.
const narrow = 4
const wide = 12

/** Moves the position to where the stream begins. Reads as little of the log's end as shows the place, else the whole log. */
export class StartFinder {
  readonly #start: StartSetup
  readonly #maxLines: number
  readonly #last: number | undefined
  readonly #since: Date | undefined

  constructor(start: StartSetup) {
    this.#start = start
    this.#maxLines = start.log.maxLines ?? defaultMaxLines
    const { last, since } = startOf(start.from)
    this.#last = last
    this.#since = since
  }

  find(): Observable<never> {
    const { log, filter } = this.#start
    if (this.#last === undefined && (this.#since === undefined || log.after !== undefined)) return EMPTY
    const found = log.after !== undefined ? this.#readAll() : this.#window(Math.min(narrow, this.#maxLines), [])
    return concat(
      found,
      defer(() => (filter.release(), EMPTY)),
    )
  }

  /**
   * Reads the log from its first line; the filter leaves out what is before the beginning. A counted log is read up to a page that is
   * shorter than one before it: one that is written all the time may have no empty page.
   */
  #readAll(longest = 1): Observable<never> {
    const { reader, output, log, isOver } = this.#start
    if (this.#since !== undefined) return EMPTY
    const { taken } = output
    return concat(
      reader.read(isOver()),
      defer(() => {
        const page = output.taken - taken
        return log.after !== undefined && page >= longest ? this.#readAll(page) : EMPTY
      }),
    )
  }

  #window(lines: number, before: ReadonlyArray<LogEntry>): Observable<never> {
    const { reads, reader, log, position, output } = this.#start
    return reads
      .once(() => log.read(lines))
      .pipe(
        mergeMap((window) => {
          if (window.length < lines) {
            output.lines(window)
            return EMPTY
          }
          const anchor = detectWindowAnchor(before, window, undefined)
          if (before.length > 0 && anchor !== 'last') return this.#readAll()
          const from = this.#beginning(window)
          if (anchor === 'last' && from > 0) {
            reader.expectLast()
            position.isComplete = false
            position.reorder(window.slice(0, from))
            output.lines(window.slice(from))
            return EMPTY
          }
          if (lines < this.#maxLines) return this.#window(this.#wider(lines), window)
          if (anchor !== 'last' || from < 0 || this.#since === undefined) return this.#readAll()
          output.gap('window', window[0])
          output.lines(window)
          return EMPTY
        }),
      )
  }

  #wider(lines: number): number {
    return Math.min(this.#maxLines, this.#last === undefined ? lines * 4 : Math.max(wide, this.#last + 1))
  }

  /** Where in a window the stream begins; 0 where that is before it, less where it is not known. */
  #beginning(window: ReadonlyArray<LogEntry>): number {
    const since = this.#since
    if (since === undefined) return window.length - (this.#last ?? 0)
    const [first] = window
    const isOld = first && isBefore(first.timestamp, since)
    if (isOld !== true) return isOld === false ? 0 : -1
    const from = window.findIndex((entry) => isBefore(entry.timestamp, since) === false)
    return from < 0 ? window.length : from
  }
}
