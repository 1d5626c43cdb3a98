import { defer, EMPTY, expand, map, merge, mergeMap, NEVER, type Observable, take, timer } from 'rxjs'
import { proportional, waitOf } from './cadence.ts'
import type { JobSource, Reading } from './job-source.ts'
import { Link } from './link.ts'
import { clockOf, patienceOf } from './options.ts'
import { isFinal, type Phase } from './phase.ts'
import type { WatchOptions } from './watch-options.ts'

/** A reading, judged: `wait` is how long until the next look, undefined when this was the last one. */
interface Judged<Ref, Job> {
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
  nudge: Observable<unknown> = NEVER,
): Observable<Reading<Ref, Job>> {
  const { watch } = source
  if (watch !== undefined) return defer(() => watch(ref, options))
  return defer(() => {
    const scheduler = clockOf(source, options)
    const cadence = options.cadence ?? proportional()
    const link = new Link('status', patienceOf(source, options))
    let attempt = 0
    let firstSeen: number | undefined
    let settling: { readonly phase: Phase; readonly since: number } | undefined

    function judge(reading: Reading<Ref, Job>): Judged<Ref, Job> {
      const now = scheduler.now()
      firstSeen ??= now
      attempt++
      const { job, phase, settle = 0 } = reading
      const age = now - firstSeen
      const next = (): number => waitOf(cadence, job, age, attempt)
      if (!isFinal(phase)) {
        settling = undefined
        return { reading, wait: next() }
      }
      if (settling?.phase !== phase) settling = { phase, since: now }
      const rest = settling.since + settle - now
      if (rest <= 0) return { reading, wait: undefined }
      // Not later than the cadence: a job that goes on is seen as soon as ever.
      return { reading: { ...reading, phase: 'running' }, wait: Math.min(rest, next()) }
    }

    const look = (): Observable<Judged<Ref, Job>> => link.once(() => source.status(ref)).pipe(map(judge))
    const next = (wait: number): Observable<Judged<Ref, Job>> =>
      merge(timer(wait, scheduler), nudge).pipe(take(1), mergeMap(look))

    return look().pipe(
      expand(({ wait }) => (wait === undefined ? EMPTY : next(wait))),
      map(({ reading }) => reading),
    )
  })
}
