import { mergeMap, type Observable, type OperatorFunction, throwError } from 'rxjs'
import { checkOption, isCount } from '../core/check-option.ts'
import { DecodeError, Paced, withPace } from '../core/index.ts'
import { show } from '../core/show.ts'
import type { JobSource } from './job-source.ts'
import type { TailOptions } from './log/tail-options.ts'
import { checkStream } from './options.ts'

/** How many of the submitted jobs are followed at a time. */
export interface MergeOptions {
  /** Default: all of them. Those beyond it wait, unbounded, in the order they were submitted. */
  readonly concurrency?: number
}

/** @throws TypeError for a concurrency that is no whole number from 1 up */
export function checkMerge({ concurrency }: MergeOptions): void {
  checkOption('concurrency', concurrency, isCount, 'a whole number from 1 up')
}

// Keys are the service's words; values may be anything, an echoed secret among them.
const shapeOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? `an object with the keys ${show(Object.keys(value))}`
    : Array.isArray(value)
      ? 'an array'
      : typeof value

/**
 * Goes on with each job that was submitted, merging what comes of them. An answer that names no job is a DecodeError.
 *
 * @throws TypeError for a source or an option that can never work, before anything is submitted
 */
export function eachSubmitted<Ref, Job, Failure, Submitted, A>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  options: TailOptions<never, never> & MergeOptions,
  go: (ref: Ref) => Observable<A>,
): OperatorFunction<Submitted, A> {
  checkStream(source, options)
  checkMerge(options)
  const { concurrency = Number.POSITIVE_INFINITY } = options
  const expected = 'an answer that names the job'
  // Whatever request it came from, it was the source that found no job in it.
  const unnamed = (submitted: Submitted): DecodeError =>
    new DecodeError({
      method: 'refOf',
      path: '(submitted)',
      issues: [{ path: '', expected, actual: shapeOf(submitted) }],
    })
  return mergeMap((submitted) => {
    const ref = source.refOf(submitted)
    return ref._tag === 'Some' ? go(ref.value) : throwError(() => unnamed(submitted))
  }, concurrency)
}

/** As {@link eachSubmitted}, for streams that can be held back: so can what comes of it. */
export function eachPaced<Ref, Job, Failure, Submitted, A>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  options: TailOptions<never, never> & MergeOptions,
  go: (ref: Ref) => Observable<A>,
): OperatorFunction<Submitted, A> {
  checkStream(source, options)
  checkMerge(options)
  return (submitted) =>
    new Paced((ready) =>
      withPace(submitted, ready).pipe(eachSubmitted(source, options, (ref) => withPace(go(ref), ready))),
    )
}
