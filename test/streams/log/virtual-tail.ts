import { type Observable, ReplaySubject, type VirtualTimeScheduler } from 'rxjs'
import { type Demand, unlimited } from '../../../src/core/index.ts'
import { ConnectionState } from '../../../src/streams/connection.ts'
import { Position } from '../../../src/streams/log/position.ts'
import { bindLog } from '../../../src/streams/log/setup.ts'
import { tailLogElements } from '../../../src/streams/log/tail.ts'
import type { Connection, Cursor, JobLog, LogElement, LogEntry, LogStart } from '../../../src/streams/types.ts'

/** What is reported of a connection, but for its job. */
export type ConnectionChange = Omit<Connection, '_tag' | 'ref'>

/** How a log is tailed in a test; all but the log and the scheduler have defaults. */
export interface VirtualTailOptions {
  readonly log: JobLog<string>
  readonly scheduler: VirtualTimeScheduler
  readonly from?: LogStart
  readonly repair?: boolean
  readonly maxLineLength?: number
  readonly stallTimeout?: number
  readonly random?: () => number
  readonly demand?: Demand
  readonly maxAttempts?: number
  readonly nextPollDelay?: (added: boolean) => number
  readonly report?: (change: ConnectionChange) => void
  readonly onClosed?: () => void
  readonly jobEnd?: Observable<unknown>
}

/** A tail of job `job`, whose reference is `ref`, in virtual time. */
export function virtualTail(options: VirtualTailOptions): Observable<ReadonlyArray<LogElement<string>>> {
  const { scheduler, random = () => 0.5, maxAttempts = 20, maxLineLength = 2 ** 20, report = () => undefined } = options
  const own = {
    scheduler,
    random,
    retry: { maxAttempts },
    onConnection: ({ _tag, ref, ...change }: Connection) => report(change),
  }
  return tailLogElements(
    {
      from: 'start',
      repair: true,
      stallTimeout: 30_000,
      demand: unlimited,
      nextPollDelay: () => 1_000,
      jobEnd: new ReplaySubject<void>(1),
      onClosed: () => undefined,
      ...options,
      log: bindLog(options.log, 'ref', maxLineLength),
      random,
      jobKey: 'job',
      connection: (channel) => new ConnectionState(channel, {}, 'ref', own),
    },
    'ref',
  )
}

/** The n-th line of a log whose lines have times of their own. */
export const line = (n: number): LogEntry => ({
  source: 'stdout',
  timestamp: new Date(1_800_000_000_000 + n).toISOString(),
  data: `line ${n}`,
})

/** Lines `from` up to, and not including, `to`. */
export const lines = (from: number, to: number): Array<LogEntry> =>
  Array.from({ length: Math.max(0, to - from) }, (_, at) => line(from + at))

/** Elements as short texts: a line's text, or a gap's reason in brackets. */
export const texts = (elements: ReadonlyArray<LogElement<string>>): ReadonlyArray<string> =>
  elements.map((element) => (element._tag === 'Line' ? element.data : `[${element.reason}]`))

const ignore = (): void => undefined

/** The position of job `job` after these lines, or after a cursor and these lines. */
export function positionAfter(log: ReadonlyArray<LogEntry>, from?: Cursor): Position {
  const position = new Position('job', 2 ** 20, { line: ignore, gap: ignore, flush: ignore }, from)
  position.lines(log)
  return position
}
