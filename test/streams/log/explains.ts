import type { LogElement, LogEntry } from 'rxjobs'
import { longest } from './fake-service.ts'

const same = (line: LogEntry, entry: LogEntry): boolean =>
  line.data === entry.data &&
  (line.source === '' || (line.source === entry.source && line.timestamp === entry.timestamp))

/**
 * Whether what was emitted is the log, minus exactly the gaps that were declared: undefined when it is, else what is
 * wrong. Follows every reading at once, because equal lines leave more than one.
 */
export function explains(emitted: ReadonlyArray<LogElement<string>>, log: ReadonlyArray<LogEntry>): string | undefined {
  let places = new Set([0])
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
        if (entry !== undefined && same(element, entry)) next.add(place + 1)
      }
      if (next.size === 0)
        return `element ${index} (${JSON.stringify(element)}) is not what comes next at ${[...places].join()}`
    }
    places = next
  }
  return places.has(log.length) ? undefined : `it ends at ${[...places].join()} of ${log.length} lines`
}
