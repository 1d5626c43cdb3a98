import { compareTimestamps } from '../../../src/streams/log/timestamp.ts'
import type { LogElement, LogEntry } from '../../../src/streams/types.ts'

/** What all renderings of a line have in common: a cut leaves less of a line with colours. */
const rendered = (data: string): string =>
  data
    .replace(/\x1b\[\d*m/g, '')
    .slice(0, 4_000)
    .trimEnd()

const isTime = (line: LogEntry, entry: LogEntry): boolean =>
  line.timestamp === entry.timestamp ||
  (line.source === '' &&
    (line.timestamp === '' || entry.timestamp === '' || compareTimestamps(line.timestamp, entry.timestamp) === 0))

const same = (line: LogEntry, entry: LogEntry): boolean =>
  rendered(line.data) === rendered(entry.data) &&
  (line.source === '' || line.source === entry.source) &&
  isTime(line, entry)

/**
 * Whether what was emitted is the log from one of the starting places on, minus exactly the gaps that were declared: undefined when
 * it is, else what is wrong. Follows every reading at once, because equal lines leave more than one.
 *
 * @param longest the longest line that is emitted
 */
export function explains(
  emitted: ReadonlyArray<LogElement<string>>,
  log: ReadonlyArray<LogEntry>,
  longest: number,
  starts: ReadonlySet<number> = new Set([0]),
): string | undefined {
  let places = new Set(starts)
  for (const [index, element] of emitted.entries()) {
    const next = new Set<number>()
    if (element._tag === 'Gap' && element.reason === 'too-long') {
      for (const place of places) if ((log[place]?.data.length ?? 0) > longest) next.add(place + 1)
      if (next.size === 0) return `element ${index} says that a line is too long, but none is at ${[...places].join()}`
    } else if (element._tag === 'Gap') {
      for (let place = Math.min(...places); place <= log.length; place++) next.add(place)
    } else {
      for (const place of places) {
        const entry = log[place]
        const isCounted = element.cursor.incomplete === undefined
        if (entry !== undefined && same(element, entry) && (!isCounted || element.index === place)) next.add(place + 1)
      }
      if (next.size === 0)
        return `element ${index} (${JSON.stringify(element)}) is not what comes next at ${[...places].join()}`
    }
    places = next
  }
  return places.has(log.length) ? undefined : `it ends at ${[...places].join()} of ${log.length} lines`
}
