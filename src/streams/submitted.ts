import { mergeMap, type Observable, type OperatorFunction, throwError } from 'rxjs'
import { DecodeError, Paced, withPace } from '../core/index.ts'
import { kindOf } from '../core/show.ts'
import type { JobSource } from './job-source.ts'

/** How many of the submitted jobs are followed at a time. */
export interface MergeOptions {
  /** Default: all of them. Those beyond it wait, unbounded, in the order they were submitted. */
  readonly concurrency?: number
}

/** Goes on with each job that was submitted, merging what comes of them. An answer that names no job is a DecodeError. */
export function eachSubmitted<Ref, Job, Failure, Submitted, A>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  { concurrency = Number.POSITIVE_INFINITY }: MergeOptions,
  go: (ref: Ref) => Observable<A>,
): OperatorFunction<Submitted, A> {
  const expected = 'an answer that names the job'
  // Whatever request it came from, it was the source that found no job in it. Its values may be an echoed secret.
  const unnamed = (submitted: Submitted): DecodeError =>
    new DecodeError({
      method: 'refOf',
      path: '(submitted)',
      issues: [{ path: '', expected, actual: kindOf(submitted) }],
    })
  return mergeMap((submitted) => {
    const ref = source.refOf(submitted)
    return ref._tag === 'Some' ? go(ref.value) : throwError(() => unnamed(submitted))
  }, concurrency)
}

/** As {@link eachSubmitted}, for streams that can be held back: so can what comes of it. */
export function eachPaced<Ref, Job, Failure, Submitted, A>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  options: MergeOptions,
  go: (ref: Ref) => Observable<A>,
): OperatorFunction<Submitted, A> {
  return (submitted) =>
    new Paced((ready) =>
      withPace(submitted, ready).pipe(eachSubmitted(source, options, (ref) => withPace(go(ref), ready))),
    )
}
