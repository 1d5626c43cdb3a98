import {
  BehaviorSubject,
  defer,
  delayWhen,
  EMPTY,
  expand,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  take,
  takeWhile,
  tap,
  timer,
} from 'rxjs'
import { NetworkError } from '../core/index.ts'
import { bounded } from '../core/retry-after.ts'
import { proportional, waitOf } from './cadence.ts'
import type { JobSource, Reading } from './job-source.ts'
import { Link } from './link.ts'
import { clockOf, patienceOf } from './options.ts'
import { isFinal } from './phase.ts'
import { judge, type Settling } from './settling.ts'
import type { WatchOptions } from './watch-options.ts'

/** A look at a job: `wait` is how long until the next one, undefined when this was the last. */
interface Looked<Ref, Job> {
  readonly reading: Reading<Ref, Job>
  readonly wait: number | undefined
}

// A nudge may come each time that a tail closes: after the first they are followed no sooner than this, in milliseconds.
const betweenNudges = 500

/** What a stream fails with when its source's own `watch` ends and the job has not. */
export const cutShort = (path: string): NetworkError =>
  new NetworkError({ method: 'GET', path, cause: 'the watch ended before the job did' })

/**
 * Looks at a job again and again until it is over, one look at a time, the wait counted from the answer. The last
 * reading is the final one, and only that one has a final phase: one that must settle counts as running until then.
 * What a source with a `watch` gives is passed on as it is.
 *
 * @param nudge asks for a look now instead of after the wait; during a look it is followed by another one
 */
export function readings<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  ref: Ref,
  options: WatchOptions<Job, Ref>,
  nudge?: Observable<unknown>,
): Observable<Reading<Ref, Job>> {
  const { watch } = source
  if (watch !== undefined) return defer(() => watch(ref, options, nudge))
  return defer(() => {
    const scheduler = clockOf(source, options)
    const cadence = options.cadence ?? proportional(options.random && { random: options.random })
    const link = new Link('status', patienceOf(source, ref, options))
    let attempt = 0
    let firstSeen: number | undefined
    let settling: Settling | undefined

    /** Whether a nudge came since the last look began. */
    const asked = new BehaviorSubject(false)
    let followed = Number.NEGATIVE_INFINITY
    const early = asked.pipe(
      filter(Boolean),
      take(1),
      delayWhen(() => timer(bounded(followed + betweenNudges - scheduler.now()), scheduler)),
      tap(() => (followed = scheduler.now())),
    )

    function read(): Observable<Reading<Ref, Job>> {
      asked.next(false)
      return source.status(ref)
    }
    function look(): Observable<Looked<Ref, Job>> {
      return link.once(read).pipe(
        map((read) => {
          const now = scheduler.now()
          firstSeen ??= now
          attempt++
          const { reading, over, rest, settling: next } = judge(read, settling, now)
          settling = next
          if (over) return { reading, wait: undefined }
          // Not later than the cadence: a job that goes on is seen as soon as ever.
          return { reading, wait: Math.min(rest, waitOf(cadence, reading.job, now - firstSeen, attempt)) }
        }),
      )
    }
    const next = (wait: number): Observable<Looked<Ref, Job>> =>
      merge(timer(wait, scheduler), early).pipe(take(1), mergeMap(look))
    const looks = look().pipe(
      expand(({ wait }) => (wait === undefined ? EMPTY : next(wait))),
      map(({ reading }) => reading),
    )
    if (nudge === undefined) return looks
    const nudges = nudge.pipe(
      tap(() => asked.next(true)),
      ignoreElements(),
    )
    return merge(nudges, looks).pipe(takeWhile(({ phase }) => !isFinal(phase), true))
  })
}
