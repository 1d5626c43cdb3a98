import { isObservable } from 'rxjs'
import { checkOption, isCount, isFunction, isNotNegative, isPositive, isScheduler } from '../core/check-option.ts'
import { meant } from '../core/misspelt.ts'
import { isPromise, kindOf } from '../core/show.ts'
import type { JobSource } from './job-source.ts'
import { checkCursor } from './log/cursor.ts'
import type { TailOptions } from './log/tail-options.ts'
import type { MergeOptions } from './submitted.ts'

// What JavaScript lets through and no stream can work with is refused at the call, in the name of the function that was
// called: what is wrong, and what to do instead.

type StreamOptions = TailOptions<never, never> & MergeOptions

/** All options of streams, so that one that is misspelt is not taken for none. */
const names: Readonly<Record<keyof StreamOptions, true>> = {
  cadence: true,
  deadline: true,
  scheduler: true,
  random: true,
  onConnection: true,
  maxFailures: true,
  cancelWhen: true,
  cancelWhenLeft: true,
  from: true,
  onGap: true,
  maxLineBytes: true,
  silence: true,
  concurrency: true,
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const isOneOf =
  (...allowed: ReadonlyArray<unknown>) =>
  (value: unknown): boolean =>
    allowed.includes(value)

/** @throws TypeError for options that are none, that are misspelt, or that no stream can keep */
export function checkOptions(caller: string, options: StreamOptions): void {
  const given: unknown = options
  if (!isObject(given) || isObservable(given)) {
    throw new TypeError(`${caller}: the options must be an object, such as { deadline: 60_000 }, not ${kindOf(given)}`)
  }
  for (const name of Object.keys(given)) {
    const option = meant(name, Object.keys(names))
    if (option !== undefined) throw new TypeError(`${caller}: there is no option "${name}"; is "${option}" meant?`)
  }
  const check = (name: keyof StreamOptions, good: (value: unknown) => boolean, what: string): void =>
    checkOption(`${caller}: ${name}`, options[name], good, what)
  check('deadline', isPositive, 'a positive number of milliseconds')
  check('maxFailures', isNotNegative, 'a number from 0 up')
  check('cadence', isFunction, 'a function, such as every(1_000)')
  check('onConnection', isFunction, 'a function')
  check('scheduler', isScheduler, 'a scheduler of rxjs')
  check('random', isFunction, 'a function, such as Math.random')
  check('onGap', isOneOf('repair', 'emit', 'error'), "'repair', 'emit' or 'error'")
  check('silence', isPositive, 'a positive number of milliseconds')
  check('maxLineBytes', isPositive, 'a positive number of UTF-16 units')
  check('cancelWhen', isObservable, 'an Observable (of a promise: from(promise))')
  check('cancelWhenLeft', isOneOf(true, false), 'true or false')
  check('concurrency', isCount, 'a whole number from 1 up')
  checkCursor(`${caller}: from`, options.from)
}

/** @throws TypeError for what is no source */
export function checkSource(caller: string, source: object): void {
  const given: unknown = source
  const has = (some: unknown, name: string): boolean => isObject(some) && isFunction(Reflect.get(some, name))
  if (has(given, 'status') && has(given, 'keyOf') && has(given, 'refOf') && has(given, 'failure')) return
  const advice =
    isObject(given) && has(Reflect.get(given, 'jobs'), 'status')
      ? 'that is a client; give its `jobs`'
      : has(given, 'status') && has(given, 'phase')
        ? 'lift it: simpleSource({ status, phase })'
        : `give a JobSource, such as the \`jobs\` of a client, not ${kindOf(given)}`
  throw new TypeError(`${caller}: the first argument is no source of jobs: ${advice}`)
}

/** @throws TypeError for what is no source, and for options that no stream on it can keep */
export function checkStream<Ref, Job, Failure, Submitted>(
  caller: string,
  source: JobSource<Ref, Job, Failure, Submitted>,
  options: StreamOptions,
): void {
  checkSource(caller, source)
  checkOptions(caller, options)
  const { cancelWhen, cancelWhenLeft = false } = options
  if (cancelWhen !== undefined) checkCancel(`${caller}: cancelWhen`, source)
  if (cancelWhenLeft) checkCancel(`${caller}: cancelWhenLeft`, source)
}

/** @throws TypeError for a source that cannot cancel a job */
export function checkCancel(what: string, { cancel }: { readonly cancel?: unknown }): void {
  if (cancel === undefined) throw new TypeError(`${what}: this source cannot cancel a job: it has no \`cancel\``)
}

/** @throws TypeError for a source without a log */
export function checkLog(caller: string, { log }: { readonly log?: unknown }): void {
  if (log === undefined) throw new TypeError(`${caller}: the jobs of this source have no log; watchJob needs none`)
}

/** @throws TypeError as {@link checkStream} does, and for a reference that can never name a job */
export function checkJob<Ref, Job, Failure, Submitted>(
  caller: string,
  source: JobSource<Ref, Job, Failure, Submitted>,
  ref: Ref,
  options: StreamOptions,
): void {
  checkStream(caller, source, options)
  const wrong = (what: string, cause?: TypeError): TypeError =>
    new TypeError(`${caller}: the reference ${what}`, cause && { cause })
  if (ref === undefined || ref === null) throw wrong('that names the job is missing')
  if (isObservable(ref)) throw wrong('is an Observable; pipe that through thenWatch, thenTail or thenFollow')
  if (isPromise(ref)) throw wrong('is a promise; await it first')
  try {
    source.keyOf(ref)
  } catch (thrown) {
    throw thrown instanceof TypeError ? wrong(`names no job (${thrown.message})`, thrown) : thrown
  }
}
