import { EMPTY, NEVER, type Observable, ReplaySubject, type VirtualTimeScheduler } from 'rxjs'
import { type Demand, unlimited } from '../../../src/core/index.ts'
import { ConnectionState } from '../../../src/streams/connection.ts'
import { createLogTail } from '../../../src/streams/log/index.ts'
import { Position } from '../../../src/streams/log/position.ts'
import type {
  Connection,
  Cursor,
  JobLog,
  JobSource,
  LogElement,
  LogEntry,
  TailOptions,
} from '../../../src/streams/types.ts'

/** What is reported of a connection, but for its job. */
export type ConnectionChange = Omit<Connection, '_tag' | 'ref'>

/** How a log is tailed in a test; all but the log and the scheduler have defaults. */
export interface VirtualTailOptions
  extends Pick<TailOptions, 'from' | 'onGap' | 'maxLineLength' | 'stallTimeout' | 'random' | 'pollInterval'> {
  readonly log: JobLog<string>
  readonly scheduler: VirtualTimeScheduler
  readonly demand?: Demand
  readonly maxAttempts?: number
  readonly report?: (change: ConnectionChange) => void
  readonly onClosed?: () => void
  readonly jobEnd?: Observable<unknown>
}

const source: JobSource<string, unknown, unknown, never> = {
  status: () => NEVER,
  failure: () => EMPTY,
  refOf: () => undefined,
  keyOf: () => 'job',
}

/** A tail of job `job`, whose reference is `ref`, in virtual time. */
export function virtualTail(given: VirtualTailOptions): Observable<ReadonlyArray<LogElement<string>>> {
  const { log, scheduler, demand = unlimited, maxAttempts = 20, report, onClosed, jobEnd, ...more } = given
  const options = { random: () => 0.5, ...more }
  const own = {
    scheduler,
    random: options.random,
    retry: { maxAttempts },
    onConnection: ({ _tag, ref, ...change }: Connection) => report?.(change),
  }
  return createLogTail({
    log,
    scheduler,
    demand,
    options,
    source,
    ref: 'ref',
    key: 'job',
    isNew: false,
    connection: (channel) => new ConnectionState(channel, {}, 'ref', own),
    jobEnd: jobEnd ?? new ReplaySubject<void>(1),
    onClosed: () => onClosed?.(),
    job: () => undefined,
    age: () => scheduler.now(),
  })
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
