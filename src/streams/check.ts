import { isObservable } from 'rxjs'
import {
  aBoolean,
  aCount,
  aFunction,
  anObservable,
  aPositiveNumber,
  aScheduler,
  aRetry,
  checkOptions,
  describe,
  isPromise,
  type OptionCheck,
  type OptionTable,
  typeName,
} from '../core/index.ts'
import { isObject } from './equal.ts'
import type {
  AnyJobSource,
  FailureOf,
  JobOf,
  JobSnapshot,
  JobSource,
  LoggedJobSource,
  MergeOptions,
  Phase,
  RefOf,
  SubmittedOf,
  TailOptions,
} from './types.ts'

/** A source with the types that its streams work with. */
export type SourceOf<S> = JobSource<RefOf<S>, JobOf<S>, FailureOf<S>, SubmittedOf<S>>

/** A source with a log, with the types that its streams work with. */
export type LoggedSourceOf<S> = LoggedJobSource<RefOf<S>, JobOf<S>, FailureOf<S>, SubmittedOf<S>>

/** Options of a stream whose source is checked. */
export type OptionsOf<S> = TailOptions<RefOf<S>, JobOf<S>> & MergeOptions

const isMoment = (value: unknown): boolean =>
  (typeof value === 'number' && value > 0) || (value instanceof Date && !Number.isNaN(value.getTime()))

/** The option of operators that merge the streams of many jobs. */
export const mergeTable: OptionTable = { concurrency: aCount }

const requestTable: OptionTable = { retry: aRetry, scheduler: aScheduler, random: aFunction, onConnection: aFunction }

/** The options of what reads the reasons of failures. */
export const outcomeTable: OptionTable = { ...requestTable, ...mergeTable }

/** What a `pollInterval` must be. */
export const pollIntervalCheck: OptionCheck = [
  (value) => typeof value === 'function' || (typeof value === 'number' && value >= 0),
  'milliseconds, or a function such as adaptiveInterval()',
]

/** The options of every stream. */
export const watchTable: OptionTable = {
  ...requestTable,
  pollInterval: pollIntervalCheck,
  deadline: [isMoment, 'a positive number of milliseconds, or a Date'],
  cancelOn: anObservable,
  cancelOnUnsubscribe: aBoolean,
}

/** The options of streams with a log. */
export const tailTable: OptionTable = {
  ...watchTable,
  from: null,
  onGap: [(value) => ['repair', 'emit', 'error'].some((one) => one === value), "'repair', 'emit' or 'error'"],
  stallTimeout: aPositiveNumber,
  maxLineLength: aPositiveNumber,
}

const has = (value: unknown, name: string): boolean => isObject(value) && typeof Reflect.get(value, name) === 'function'

/** @throws TypeError for what is no source */
export function checkSource(caller: string, source: unknown): void {
  if (['status', 'keyOf', 'refOf', 'failure'].every((name) => has(source, name))) return
  const advice = has(source, 'status')
    ? 'jobSource({ status, phase }) makes one'
    : `give the \`jobs\` of a client, not ${typeName(source)}`
  throw new TypeError(`${caller}: the first argument is no JobSource; ${advice}`)
}

/** The arguments of a stream, with the types that it works with. */
export interface Checked<S> {
  readonly source: SourceOf<S>
  readonly options: OptionsOf<S>
}

/** @throws TypeError for what is no source, and for options that are invalid or that its source cannot fulfil */
export function checkStream<S extends AnyJobSource>(
  caller: string,
  source: S,
  options: TailOptions<RefOf<S>, JobOf<S>, S> & MergeOptions,
  table: OptionTable,
): Checked<S>
export function checkStream(
  caller: string,
  source: object,
  options: { readonly retry?: unknown; readonly cancelOn?: unknown; readonly cancelOnUnsubscribe?: unknown },
  table: OptionTable,
): unknown {
  checkSource(caller, source)
  checkOptions(caller, options, table)
  if (options.cancelOn !== undefined || options.cancelOnUnsubscribe === true) checkCancel(caller, source)
  return { source, options }
}

/** @throws TypeError for a source that cannot cancel a job */
export function checkCancel(caller: string, source: object): void {
  if (!has(source, 'cancel')) throw new TypeError(`${caller}: this source cannot cancel a job: it has no \`cancel\``)
}

/** @throws TypeError for a source whose jobs have no log */
export function checkLog<S>(caller: string, source: SourceOf<S>): LoggedSourceOf<S> {
  const { log } = source
  if (log === undefined) throw new TypeError(`${caller}: the jobs of this source have no log; watchJob needs none`)
  return { ...source, log }
}

/** @throws TypeError for a reference that names no job; gives its key */
export function checkRef<Ref>(caller: string, source: { readonly keyOf: (ref: Ref) => string }, ref: Ref): string {
  const refuse = (problem: string, cause?: unknown): TypeError =>
    new TypeError(`${caller}: the reference names no job (${problem})`, { cause })
  if (ref === undefined || ref === null || isObservable(ref) || isPromise(ref)) throw refuse(typeName(ref))
  try {
    return source.keyOf(ref)
  } catch (thrown) {
    throw thrown instanceof TypeError ? refuse(thrown.message, thrown) : thrown
  }
}

/** @throws TypeError for what is no Observable */
export function checkObservable(caller: string, value: unknown): void {
  if (!isObservable(value)) throw new TypeError(`${caller}: it takes an Observable, not ${typeName(value)}`)
}

const phases: ReadonlyArray<Phase> = [
  ...(['queued', 'running', 'unknown'] as const),
  ...(['succeeded', 'failed', 'cancelled', 'skipped', 'ended'] as const),
]

/** The error for a snapshot whose phase is none; undefined for a valid one. */
export const phaseError = ({ phase }: JobSnapshot<unknown>): TypeError | undefined =>
  phases.includes(phase)
    ? undefined
    : new TypeError(`the source gave the phase ${describe(phase)}; there are ${phases.join(', ')}`)
