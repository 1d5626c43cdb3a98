import { Observable } from 'rxjs'
import type { LogEntry } from '../log-entry.ts'
import { matches } from './align.ts'
import { digested, digestOf } from './digest.ts'
import { runFinder } from './find-run.ts'
import type { Position } from './position.ts'

/**
 * How a download ended.
 *
 * `joined`: the window was found once, and the entries lead up to it. `several`: it was
 * found more than once, and they lead up to the first of those places. `open`: it was not looked for, or not found, and
 * they go on to the download's end. `apart`: the download is not the log that was emitted. `unavailable`: the service
 * has no download.
 */
export type FullEnd = 'joined' | 'several' | 'open' | 'apart' | 'unavailable'

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
 * Reads the whole log and gives its lines from the position on, up to where `window` begins.
 *
 * Lines before the position are only checked. It reads to the end even when it found the window, to see whether it is
 * there more than once: the window is the log's end, so that is not much more. It holds at most a window's worth of lines.
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
    const { count, known } = position
    const finder = runFinder(window.map((entry) => entry.data))
    const { digest } = position
    let before: ReadonlyArray<LogEntry> = []
    const emitted = Array.from({ length: Math.min(known, count) }, (_, back) => position.recent(back + 1))
    let seen = 0
    let last: string | undefined
    let entries: Array<LogEntry> = []

    function finish(end: FullEnd): void {
      subscriber.next({ entries, end })
      subscriber.complete()
    }

    function take(line: string): void {
      const at = seen++
      if (at < count) {
        const known = emitted[count - 1 - at]
        if (known !== undefined && !matches(untimed(line), known)) return finish('apart')
        if (emitted.length > 0) return
        before = [...before.slice(1 - digested), untimed(line)]
        if (seen < count) return
        if (digestOf(before, before.length) !== digest) return finish('apart')
        // So that the digests of the lines to come cover these.
        position.remember(before)
        return
      }
      for (const passed of finder.push(line)) entries.push(untimed(passed))
      if (entries.length < batch) return
      subscriber.next({ entries })
      entries = []
    }

    function close(): void {
      const held = finder.held()
      // Half a line cannot end a window, and a window that it completes is no half line.
      if (last !== undefined) {
        if (complete || seen < count) take(last)
        else finder.push(last)
      }
      if (subscriber.closed) return
      if (finder.found() > 0) return finish(finder.found() > 1 ? 'several' : 'joined')
      for (const line of complete ? finder.held() : held) entries.push(untimed(line))
      finish('open')
    }

    subscriber.add(
      full.subscribe({
        next: (line) => {
          if (last !== undefined && !subscriber.closed) take(last)
          last = line
        },
        error: (error: unknown) => subscriber.error(error),
        complete: close,
      }),
    )
  })
}
