import { defer, mergeMap, type Observable, type OperatorFunction, throwError } from 'rxjs'
import { DecodeError } from '../core/index.ts'
import { show } from '../core/show.ts'
import type { JobSource } from './job-source.ts'

/** How many of the submitted jobs are followed at a time. */
export interface MergeOptions {
  /** Default: all of them. Those beyond it wait, unbounded, in the order they were submitted. */
  readonly concurrency?: number
}

/**
 * Goes on with each job that was submitted, merging what comes of them. An answer that names no job is a DecodeError.
 *
 * @throws TypeError for a concurrency below 1
 */
export function eachSubmitted<Ref, Job, Failure, Submitted, A>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  { concurrency = Number.POSITIVE_INFINITY }: MergeOptions,
  go: (ref: Ref) => Observable<A>,
): OperatorFunction<Submitted, A> {
  if (!(concurrency >= 1)) throw new TypeError(`concurrency must be a number from 1 up, was ${concurrency}`)
  // What submitted it is not known here, nor where to: it may have been anything that emits.
  const expected = 'an answer that names the job'
  const unnamed = (submitted: Submitted): DecodeError =>
    new DecodeError({ method: 'POST', path: '(submission)', issues: [{ path: '', expected, actual: show(submitted) }] })
  return mergeMap((submitted) => {
    const ref = source.refOf(submitted)
    return ref._tag === 'Some' ? defer(() => go(ref.value)) : throwError(() => unnamed(submitted))
  }, concurrency)
}
