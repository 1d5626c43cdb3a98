import { defer, EMPTY, expand, map, merge, mergeMap, NEVER, type Observable, take, timer } from 'rxjs'
import { proportional, waitOf } from './cadence.ts'
import type { JobSource, Reading } from './job-source.ts'
import { Link } from './link.ts'
import { clockOf, patienceOf } from './options.ts'
import { judge, type Settling } from './settling.ts'
import type { WatchOptions } from './watch-options.ts'

/** A look at a job: `wait` is how long until the next one, undefined when this was the last. */
interface Looked<Ref, Job> {
  readonly reading: Reading<Ref, Job>
  readonly wait: number | undefined
}

/**
 * Looks at a job again and again until it is over, one look at a time, the wait counted from the answer. The last
 * reading is the final one, and only that one has a final phase: one that must settle counts as running until then.
 *
 * @param nudge asks for a look now instead of after the wait
 */
export function readings<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  ref: Ref,
  options: WatchOptions<Job>,
  nudge?: Observable<unknown>,
): Observable<Reading<Ref, Job>> {
  const { watch } = source
  if (watch !== undefined) return defer(() => watch(ref, options, nudge))
  return defer(() => {
    const scheduler = clockOf(source, options)
    const cadence = options.cadence ?? proportional()
    const link = new Link('status', patienceOf(source, options))
    let attempt = 0
    let firstSeen: number | undefined
    let settling: Settling | undefined

    function look(): Observable<Looked<Ref, Job>> {
      return link
        .once(() => source.status(ref))
        .pipe(
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
      merge(timer(wait, scheduler), nudge ?? NEVER).pipe(take(1), mergeMap(look))

    return look().pipe(
      expand(({ wait }) => (wait === undefined ? EMPTY : next(wait))),
      map(({ reading }) => reading),
    )
  })
}
