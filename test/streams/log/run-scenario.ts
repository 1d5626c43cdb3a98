import { type Observable, ReplaySubject, VirtualTimeScheduler } from 'rxjs'
import { Cursor } from '../../../src/streams/log/index.ts'
import { toDate } from '../../../src/streams/log/timestamp.ts'
import type { LogElement, LogStart } from '../../../src/streams/types.ts'
import { explains } from './explains.ts'
import { epoch, FakeService, longest, type Met, stale } from './fake-service.ts'
import type { Scenario } from './scenario.ts'
import { virtualTail } from './virtual-tail.ts'

/** What came of a scenario. */
export interface Result {
  readonly emitted: ReadonlyArray<LogElement<string>>
  readonly gaps: number
  /** What is wrong, if anything is. */
  readonly wrong: string | undefined
}

// Longer than any scenario runs, shorter than a stream that never ends.
const endless = 3_600_000

/** A small generator of numbers from 0 up to 1 (mulberry32), so that a scenario runs the same each time. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const startOf = ({ from }: Scenario): LogStart =>
  typeof from === 'object' && 'since' in from ? { since: new Date(epoch + from.since) } : from

/** The places of the log at which a tail from this start may begin. */
function places(
  { from, lag, stamps, isCounted, keeps, widest }: Scenario,
  service: FakeService,
  begun: number,
  isTimed: boolean,
): ReadonlySet<number> {
  const { written, answeredAt, end } = service
  const all = written.length
  const between = (low: number, high: number): ReadonlySet<number> =>
    new Set(Array.from({ length: Math.max(0, high - low) + 1 }, (_, at) => Math.min(all, Math.max(0, low + at))))
  if (from === 'start') return new Set([0])
  if (from === 'now' || 'last' in from) {
    const last = from === 'now' ? 0 : from.last
    // What is beyond the first lines only a download shows, if anything.
    if (keeps === 'first' && all > widest) return between(0, all)
    const low = begun >= end ? all : service.count(begun - lag - stale)
    // The place is found within a few answers; where the log must be read from its first line, within more.
    const placed = answeredAt[isCounted ? Math.ceil(all / 25) + 5 : 6] ?? endless
    return between(low - last, service.count(placed) - last)
  }
  if (stamps !== 'exact' && stamps !== 'seconds') return between(0, all)
  const first = written.findIndex(({ timestamp }) => (toDate(timestamp)?.getTime() ?? 0) >= epoch + from.since)
  // A line of a download has no time.
  return isTimed ? new Set([first < 0 ? all : first]) : between(0, first < 0 ? all : first)
}

/** Runs a scenario to its end in virtual time; resumes from a JSON copy of a cursor where it says so. */
export function runScenario(scenario: Scenario, met: Met): Result {
  const scheduler = new VirtualTimeScheduler(undefined, endless)
  const random = numbers(scenario.seed)
  const service = new FakeService(scenario, scheduler, met)
  const emitted: Array<LogElement<string>> = []
  const ended: { how: string | undefined } = { how: 'it does not end' }

  const over = new ReplaySubject<void>(1)
  const pollStatus = (): void => {
    if (scheduler.now() >= service.end) over.next()
    else scheduler.schedule(pollStatus, scenario.statusEvery)
  }
  const run = (from: LogStart, limit: number, then: () => void): void => {
    const tail: Observable<ReadonlyArray<LogElement<string>>> = virtualTail({
      log: service.log,
      scheduler,
      from,
      random,
      jobEnd: over,
      maxLineLength: longest,
      onClosed: () => scheduler.now() >= service.end && over.next(),
    })
    let left = limit
    const subscription = tail.subscribe({
      next: (elements) => {
        const some = elements.slice(0, left)
        emitted.push(...some)
        left -= some.length
        if (left === 0) scheduler.schedule(() => stop())
      },
      error: (error: unknown) => (ended.how = `it fails: ${String(error)}`),
      complete: () => then(),
    })
    const stop = (): void => {
      if (subscription.closed) return
      subscription.unsubscribe()
      then()
    }
  }
  const done = (): void => (ended.how = undefined)
  const { resumeAt } = scenario
  let begun = 0
  scheduler.schedule(() => {
    pollStatus()
    begun = scheduler.now()
    if (resumeAt === undefined) return run(startOf(scenario), Number.POSITIVE_INFINITY, done)
    run(startOf(scenario), Math.max(1, resumeAt), () => {
      const last = emitted[emitted.length - 1]
      if (last === undefined) return done()
      const from = Cursor.decode(JSON.parse(JSON.stringify(last.cursor)))
      if (from._tag === 'Right') run(from.right, Number.POSITIVE_INFINITY, done)
    })
  }, scenario.latency)
  scheduler.flush()
  const gaps = emitted.filter(({ _tag }) => _tag === 'Gap').length
  if (emitted.length === 0 && scenario.from !== 'start') return { emitted, gaps, wrong: ended.how }
  const starts = places(scenario, service, begun, emitted[0]?._tag === 'Line' && emitted[0].source !== '')
  return { emitted, gaps, wrong: ended.how ?? explains(emitted, service.written, longest, starts) }
}
