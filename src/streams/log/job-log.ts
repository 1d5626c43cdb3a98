import { concat, concatMap, type Observable, of, type OperatorFunction, throwError } from 'rxjs'
import { LogGapError } from '../errors.ts'
import { waitAfter } from '../intervals.ts'
import type { TailContext } from '../job-events.ts'
import type { GapReason, LogElement } from '../types.ts'
import { bindLog } from './setup.ts'
import { tailLogElements } from './tail.ts'

/** The log of a job as its stream emits it. */
export function createLogTail<Ref, Job>(context: TailContext<Ref, Job>): Observable<ReadonlyArray<LogElement<Ref>>> {
  const { log, ref, key, options, ...rest } = context
  const { from = 'start', onGap = 'repair', stallTimeout = 30_000, maxLineLength = 2 ** 20 } = options
  const elements = tailLogElements(
    {
      ...rest,
      log: bindLog(log, ref, maxLineLength),
      jobKey: key,
      from,
      repair: onGap !== 'emit',
      stallTimeout,
      random: options.random ?? Math.random,
      nextPollDelay: pollDelay(context),
    },
    ref,
  )
  return onGap === 'error' ? elements.pipe(failAtGap(key)) : elements
}

// Milliseconds between two reads of a log that is polled: at least so many while it grows, more while it does not, and up to twice as
// many by jitter.
const shortestPause = 500
const longestPause = 2_500
const pauseFactor = 1.5

/** How long to wait between two reads of a log that is polled: as the caller's interval says, else as long as it grows. */
function pollDelay<Ref, Job>({ job, age, options }: TailContext<Ref, Job>): (added: boolean) => number {
  const { pollInterval, random = Math.random } = options
  let attempt = 0
  let unchanged = 0
  return (added) => {
    attempt++
    if (pollInterval !== undefined) return waitAfter(pollInterval, job(), age(), attempt)
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
