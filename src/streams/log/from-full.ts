import { Observable } from 'rxjs'
import { boundTo } from '../../core/bound-to.ts'
import type { LogEntry } from '../log-entry.ts'
import { digested, digestOf } from './digest.ts'
import { runFinder } from './find-run.ts'
import { matches } from './matches.ts'
import type { Position } from './position.ts'

/**
 * How a download ended.
 *
 * `joined`: the window was found once, and the entries lead up to it; from `from` on its own are new. `several`: it was
 * found more than once, and they lead up to the first of those places. `open`: it was not looked for, or not found, and
 * they go on to the download's end. `apart`: the download is not the log that was emitted. `unavailable`: the service
 * has no download.
 */
export type FullEnd =
  | { readonly _tag: 'joined'; readonly from: number }
  | { readonly _tag: 'several' | 'open' | 'apart' | 'unavailable' }

/** Part of what a download adds to a position; the last part says how it ended. */
export interface FromFull {
  readonly entries: ReadonlyArray<LogEntry>
  readonly end?: FullEnd
}

// Lines are handed on in batches: one emission a line costs more than reading it.
const batch = 512

/** A line of a download says neither when nor where it was written. */
const untimed = (data: string): LogEntry => ({ source: '', timestamp: '', data })

/**
 * Reads the whole log and gives its lines from the position on, up to where `window` begins, which may be before it.
 *
 * Lines before the position are checked and not given. It reads to the end even when it found the window, to see whether
 * it is there more than once: the window is the log's end, so that is not much more. It holds at most a window's worth of
 * lines.
 *
 * @param window the entries to lead up to; empty to read to the end
 * @param complete whether the log is no longer written; otherwise its last line may be half a line and is left out
 */
export function fromFull<Ref>(
  full: Observable<string>,
  position: Position<Ref>,
  window: ReadonlyArray<LogEntry>,
  complete: boolean,
): Observable<FromFull> {
  return new Observable((subscriber) => {
    const { count, known, digest } = position
    const emitted = Array.from({ length: Math.min(known, count) }, (_, back) => position.recent(back + 1))
    const finder = runFinder(window.map((entry) => entry.data))
    let before: ReadonlyArray<LogEntry> = []
    let seen = 0
    /** How many lines are known to come before the window. */
    let passed = 0
    let last: string | undefined
    let entries: Array<LogEntry> = []

    function finish(end: FullEnd): void {
      subscriber.next({ entries, end })
      subscriber.complete()
    }

    /** False where a line that was emitted is another one here. */
    function check(line: string): boolean {
      const there = emitted[count - seen]
      if (there !== undefined && !matches(untimed(line), there)) return false
      if (emitted.length > 0) return true
      before = [...before.slice(1 - digested), untimed(line)]
      if (seen < count) return true
      if (digestOf(before, before.length) !== digest) return false
      // So that the digests of the lines to come cover these.
      position.remember(before)
      return true
    }

    const give = (lines: ReadonlyArray<string>): void => {
      for (const line of lines) if (passed++ >= count) entries.push(untimed(line))
    }

    function take(line: string): void {
      if (++seen <= count && !check(line)) return finish({ _tag: 'apart' })
      give(finder.push(line))
      if (entries.length < batch) return
      subscriber.next({ entries })
      entries = []
    }

    function close(): void {
      if (complete && last !== undefined) take(last)
      if (subscriber.closed) return
      const held = finder.held()
      // Half a line cannot end a window, and a window that it completes is no half line.
      if (!complete && last !== undefined) finder.push(last)
      if (finder.found() > 1) return finish({ _tag: 'several' })
      if (finder.found() === 1) return finish({ _tag: 'joined', from: Math.max(0, count - passed) })
      give(held)
      finish({ _tag: 'open' })
    }

    full.pipe(boundTo(subscriber)).subscribe({
      next: (line) => {
        if (last !== undefined && !subscriber.closed) take(last)
        last = line
      },
      error: (error: unknown) => subscriber.error(error),
      complete: close,
    })
  })
}
