import type { LogEntry } from '../types.ts'
import { toDate } from './timestamp.ts'

// `YYYY/MM/DD HH:MM:SS.nnnnnnnnn text`, as Connect stores the lines of its jobs, and RFC 3339 before a blank.
const dated = /^(\d{4})[/-](\d\d)[/-](\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)?(?: (.*))?$/s

/** Takes a line apart: the time before it as an RFC 3339 timestamp, and the rest; undefined where there is no time. */
export function splitDated(text: string): Pick<LogEntry, 'timestamp' | 'data'> | undefined {
  const [, year, month, day, clock, zone = 'Z', data = ''] = dated.exec(text) ?? []
  return year === undefined ? undefined : { timestamp: `${year}-${month}-${day}T${clock}${zone}`, data }
}

const quarter = 900_000

/**
 * How the times of a text are written in the log, by the times that are known of both. Empty where they do not tell: then the times
 * are not those of the log.
 *
 * @param known the times of lines that stand in both: in the text, and in the log
 */
export function timestampForm(known: ReadonlyArray<readonly [string, string]>): (timestamp: string) => string {
  const pairs = known.filter(([, log]) => log !== '')
  const [text = '', log = ''] = pairs[pairs.length - 1] ?? []
  // A text may have local times.
  const shift = Math.round(((toDate(log)?.getTime() ?? 0) - (toDate(text)?.getTime() ?? 0)) / quarter) * quarter
  const digits = /\.(\d+)/.exec(log)?.[1]?.length ?? 0
  const written = (timestamp: string, fraction: string): string => {
    const seconds = new Date((toDate(timestamp.replace(/\.\d+/, ''))?.getTime() ?? 0) + shift)
    return `${seconds.toISOString().slice(0, 19)}${fraction && `.${fraction}`}Z`
  }
  const fractionOf = (timestamp: string): string => /\.(\d+)/.exec(timestamp)?.[1] ?? ''
  const forms = [
    (timestamp: string) => timestamp,
    (timestamp: string) => written(timestamp, fractionOf(timestamp).replace(/0+$/, '')),
    (timestamp: string) => written(timestamp, fractionOf(timestamp).padEnd(digits, '0').slice(0, digits)),
  ]
  return forms.find((form) => log !== '' && pairs.every(([there, here]) => form(there) === here)) ?? (() => '')
}
