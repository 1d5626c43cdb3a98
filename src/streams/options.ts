import { asyncScheduler, isObservable, type SchedulerLike } from 'rxjs'
import { checkOption, isFunction, isNotNegative, isPositive, isScheduler } from '../core/check-option.ts'
import type { JobSource } from './job-source.ts'
import type { Patience } from './link.ts'
import { checkCursor } from './log/cursor.ts'
import type { TailOptions } from './log/tail-options.ts'
import type { WatchOptions } from './watch-options.ts'

/** The clock of a stream: the option's, else the source's, else rxjs's asyncScheduler. */
export function clockOf<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  options: { readonly scheduler?: SchedulerLike },
): SchedulerLike {
  return options.scheduler ?? source.scheduler ?? asyncScheduler
}

/** How a stream on this source bears failures, and that what it tells of them is about `ref`. */
export function patienceOf<Ref, Job, Failure, Submitted, About>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  ref: About,
  {
    onConnection,
    maxFailures = 20,
    ...options
  }: Pick<WatchOptions<Job, About>, 'scheduler' | 'onConnection' | 'maxFailures'>,
): Patience {
  return {
    scheduler: clockOf(source, options),
    maxFailures,
    transient: source.transient,
    report: (change) => onConnection?.({ ref, ...change }),
  }
}

const isOneOf =
  (...allowed: ReadonlyArray<unknown>) =>
  (value: unknown): boolean =>
    allowed.includes(value)

/** @throws TypeError for options that no stream can keep */
export function checkOptions(options: TailOptions<never, never>): void {
  checkOption('deadline', options.deadline, isPositive, 'a positive number of milliseconds')
  checkOption('maxFailures', options.maxFailures, isNotNegative, 'a number from 0 up')
  checkOption('cadence', options.cadence, isFunction, 'a function, such as every(1_000)')
  checkOption('onConnection', options.onConnection, isFunction, 'a function')
  checkOption('scheduler', options.scheduler, isScheduler, 'a scheduler of rxjs')
  checkOption('onGap', options.onGap, isOneOf('repair', 'emit', 'error'), "'repair', 'emit' or 'error'")
  checkOption('silence', options.silence, isPositive, 'a positive number of milliseconds')
  checkOption('maxLineBytes', options.maxLineBytes, isPositive, 'a positive number of UTF-16 units')
  checkOption('cancelWhen', options.cancelWhen, isObservable, 'an Observable')
  checkCursor(options.from)
}

/** @throws TypeError for what is no source, and for options that no stream on it can keep */
export function checkStream<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  options: TailOptions<never, never>,
): void {
  const { status, keyOf }: { status?: unknown; keyOf?: unknown } = source
  if (!isFunction(status) || !isFunction(keyOf)) {
    throw new TypeError('the source has no status and keyOf: give a JobSource, such as the `jobs` of a client')
  }
  checkOptions(options)
  const { cancelWhen, cancelWhenLeft = false } = options
  if (source.cancel === undefined && (cancelWhen !== undefined || cancelWhenLeft)) {
    const option = cancelWhen === undefined ? 'cancelWhenLeft' : 'cancelWhen'
    throw new TypeError(`${option}: this source cannot cancel a job`)
  }
}

/**
 * The name of a job, for errors.
 *
 * @throws TypeError for a reference that can never work
 */
export function nameOf<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  ref: Ref,
): string {
  if (ref === undefined || ref === null) throw new TypeError('the reference that names the job is missing')
  return source.keyOf(ref)
}
