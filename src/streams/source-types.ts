import type { Option } from 'fp-ts/lib/Option.js'
import type { Observable } from 'rxjs'
import type { Reading } from './job-source.ts'
import type { LogEntry } from './log-entry.ts'

/** What every source has, whatever its jobs are. */
export interface AnyJobSource {
  readonly status: (ref: never) => Observable<Reading<unknown, unknown>>
  readonly refOf: (submitted: never) => Option<unknown>
  readonly keyOf: (ref: never) => string
  readonly failure: (ref: never, job: never) => Observable<Option<unknown>>
}

/** What every source has whose jobs have a log. */
export interface AnyLoggedSource extends AnyJobSource {
  readonly log: { readonly window: (ref: never, lines: number) => Observable<ReadonlyArray<LogEntry>> }
}

/** What every source has that can stop its jobs. */
export interface AnyCancellableSource extends AnyJobSource {
  readonly cancel: (ref: never) => Observable<void>
}

/** What names a job of a source. */
export type RefOf<S> = S extends { readonly keyOf: (ref: infer Ref) => string } ? Ref : never

/** A job of a source, as its service sends it. */
export type JobOf<S> = S extends { readonly status: (ref: never) => Observable<Reading<unknown, infer Job>> }
  ? Job
  : never

/** Why a job of a source failed. */
export type FailureOf<S> = S extends { readonly failure: (ref: never, job: never) => Observable<Option<infer Failure>> }
  ? Failure
  : never

/** What submitting to a source's service gives. */
export type SubmittedOf<S> = S extends { readonly refOf: (submitted: infer Submitted) => Option<unknown> }
  ? Submitted
  : never

type CannotCancel = 'this source cannot cancel a job'

/** `A` where a source may be able to cancel its jobs; where it cannot, what the compiler's error is to say. */
export type IfCancels<S, A> = S extends AnyJobSource
  ? 'cancel' extends keyof S
    ? S extends { readonly cancel?: never }
      ? CannotCancel
      : A
    : CannotCancel
  : A
