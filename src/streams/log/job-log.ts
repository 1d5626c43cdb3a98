import { concat, concatMap, type Observable, of, type OperatorFunction, throwError } from 'rxjs'
import type { Demand } from '../../core/index.ts'
import { LogGapError } from '../errors.ts'
import { intervalOf, waitAfter } from '../intervals.ts'
import type { TailContext } from '../job-events.ts'
import type { GapReason, JobLog, LogElement, TailOptions } from '../types.ts'
import { elementsOf } from './position.ts'
import { bindLog } from './setup.ts'
import { tailElements } from './tail.ts'

/** The log of a job as its stream emits it. */
export function tailOf<Ref, Job>(
  log: JobLog<Ref>,
  ref: Ref,
  jobKey: string,
  options: TailOptions<Ref, Job>,
  demand: Demand,
): (context: TailContext<Job>) => Observable<ReadonlyArray<LogElement<Ref>>> {
  const { from = 'start', onGap = 'repair', stallTimeout = 30_000, maxLineLength = 2 ** 20 } = options
  const { random = Math.random } = options
  return (context) => {
    const { scheduler, connection, over, onClosed } = context
    const elements = tailElements({
      log: bindLog(log, ref, maxLineLength),
      jobKey,
      from,
      repair: onGap !== 'emit',
      stallTimeout,
      scheduler,
      random,
      demand,
      connection,
      pause: logPause(context, options),
      over,
      onClosed,
      elements: elementsOf(ref),
    })
    return onGap === 'error' ? elements.pipe(failAtGap(jobKey)) : elements
  }
}

// Milliseconds between two reads of a log that is polled: at least so many while it grows, more while it does not, and up to twice as
// many by jitter.
const shortestPause = 500
const longestPause = 2_500
const pauseFactor = 1.5

/** How long to wait between two reads of a log that is polled: as the caller's interval says, else as long as it grows. */
function logPause<Ref, Job>(
  { job, age }: TailContext<Job>,
  { pollInterval, random = Math.random }: TailOptions<Ref, Job>,
): (added: boolean) => number {
  let attempt = 0
  let unchanged = 0
  return (added) => {
    attempt++
    if (pollInterval !== undefined) return waitAfter(intervalOf(pollInterval), job(), age(), attempt)
    unchanged = added ? 0 : unchanged + 1
    return Math.min(longestPause, shortestPause * pauseFactor ** unchanged) * (1 + random())
  }
}

/** Fails at the first gap; what comes before it is emitted. */
function failAtGap<Ref>(
  path: string,
): OperatorFunction<ReadonlyArray<LogElement<Ref>>, ReadonlyArray<LogElement<Ref>>> {
  return concatMap((batch) => {
    const at = batch.findIndex(({ _tag }) => _tag === 'Gap')
    const gap = batch[at]
    if (gap?._tag !== 'Gap') return of(batch)
    const error = new LogGapError({ method: 'GET', path, gap, reason: reasons[gap.reason] })
    return concat(
      of(batch.slice(0, at)),
      throwError(() => error),
    )
  })
}

const reasons: Readonly<Record<GapReason, string>> = {
  window: 'the log went on further than the service shows of it',
  ambiguous: 'equal lines leave more than one way to go on',
  download: 'the downloaded log does not continue what was emitted',
  'too-long': 'a line is longer than maxLineLength',
}
