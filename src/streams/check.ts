import { isObservable } from 'rxjs'
import {
  aBoolean,
  aCount,
  aFunction,
  anObservable,
  aPositiveNumber,
  aRetry,
  aScheduler,
  type Check,
  checkOptions,
  enumParam,
  hasMethod,
  isPromise,
  type OptionTable,
  typeName,
} from '../core/index.ts'
import type {
  AnyJobSource,
  FailureOf,
  JobOf,
  JobSource,
  MergeOptions,
  RefOf,
  SubmittedOf,
  TailOptions,
} from './types.ts'

// More milliseconds than a year has are a moment.
const aYear = 31_622_400_000
const isDeadline = (value: unknown): boolean =>
  value instanceof Date
    ? !Number.isNaN(value.getTime())
    : typeof value === 'number' && value > 0 && (value <= aYear || value === Number.POSITIVE_INFINITY)
const aDeadline: Check = (value) =>
  isDeadline(value) ? undefined : 'a positive number of milliseconds, at most a year, or a moment: new Date(…)'

const requestTable: OptionTable = { retry: aRetry, scheduler: aScheduler, random: aFunction, onConnection: aFunction }

/** The options of what reads the reasons of failures. */
export const outcomeTable: OptionTable = { ...requestTable, concurrency: aCount }

/** What a `pollInterval` must be. */
export const pollIntervalCheck: Check = (value) =>
  typeof value === 'function' || (typeof value === 'number' && value >= 0)
    ? undefined
    : 'milliseconds, or a function such as adaptiveInterval()'

/** The options of what reads a list of jobs. */
export const listTable: OptionTable = { ...requestTable, pollInterval: pollIntervalCheck, deadline: aDeadline }

/** The options of every stream of a job. */
export const watchTable: OptionTable = { ...listTable, cancelOn: anObservable, cancelOnUnsubscribe: aBoolean }

/** The options of what reads a log once. */
export const readTable: OptionTable = {
  ...requestTable,
  deadline: aDeadline,
  from: null,
  onGap: /* @__PURE__ */ enumParam('repair', 'emit', 'error'),
  maxLineLength: aPositiveNumber,
}

/** The options of streams with a log. */
export const tailTable: OptionTable = { ...watchTable, ...readTable, stallTimeout: aPositiveNumber }

/** The options of a stream that does the same for each of many jobs. */
export const each = (table: OptionTable): OptionTable => ({ ...table, concurrency: aCount })

/** @throws TypeError for what is no source */
export function checkSource(caller: string, source: unknown): void {
  if (['status', 'keyOf', 'refOf', 'failure'].every((name) => hasMethod(source, name))) return
  const advice = `give the \`jobs\` of a client, or what jobSource({ status, phase }) makes, not ${typeName(source)}`
  throw new TypeError(`${caller}: the first argument is no JobSource; ${advice}`)
}

/** The arguments of a stream, with the types that it works with. */
export interface Checked<S> {
  readonly caller: string
  readonly source: JobSource<RefOf<S>, JobOf<S>, FailureOf<S>, SubmittedOf<S>>
  readonly options: TailOptions<RefOf<S>, JobOf<S>> & MergeOptions
}

/** @throws TypeError for what is no source, and for invalid options */
export function checkStream<S extends AnyJobSource>(
  caller: string,
  source: S,
  options: TailOptions<RefOf<S>, JobOf<S>, S> & MergeOptions,
  table: OptionTable,
): Checked<S>
export function checkStream(caller: string, source: unknown, options: object, table: OptionTable): unknown {
  checkSource(caller, source)
  checkOptions(caller, options, table)
  return { caller, source, options }
}

/** @throws TypeError for a reference that names no job; gives its key */
export function checkRef<Ref>(caller: string, source: { readonly keyOf: (ref: Ref) => string }, ref: Ref): string {
  try {
    if (ref === undefined || ref === null || isObservable(ref) || isPromise(ref)) throw new TypeError(typeName(ref))
    return source.keyOf(ref)
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new TypeError(`${caller}: the reference names no job (${cause.message})`, { cause })
  }
}
