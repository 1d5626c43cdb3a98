import { catchError, concatMap, type Observable, of, type OperatorFunction } from 'rxjs'
import type { ApiError, Connection, JobEvent, Outcome, Phase } from 'rxjobs'

/** What the demo shows of a job, the same for every service. */
export type Update =
  | { readonly kind: 'status'; readonly text: string }
  | { readonly kind: 'line'; readonly source: string; readonly text: string }
  /** Missing lines, or a connection that fails. */
  | { readonly kind: 'trouble'; readonly text: string }
  | { readonly kind: 'end'; readonly end: End; readonly reasons: ReadonlyArray<string> }

/** How a job ended; `lost` when it could not be followed to its end. */
export type End = Phase | 'lost'

/** A job that the demo follows from its submission on. */
export interface DemoJob {
  readonly name: string
  readonly updates: Observable<Update>
}

/** How a service's jobs and failures are shown as text. */
export interface Texts<Job, Failure> {
  readonly status: (job: Job) => string
  readonly reasons: (failure: Failure) => ReadonlyArray<string>
}

/** Turns the events of a job into updates. An error is the last update, so that other jobs go on. */
export function toUpdates<Ref, Job, Failure>(
  texts: Texts<Job, Failure>,
): OperatorFunction<JobEvent<Ref, Job, Failure>, Update> {
  return (events) =>
    events.pipe(
      concatMap((event) => updatesOf(texts, event)),
      catchError((error: unknown) => of(lost(error))),
    )
}

function updatesOf<Ref, Job, Failure>(
  texts: Texts<Job, Failure>,
  event: JobEvent<Ref, Job, Failure>,
): ReadonlyArray<Update> {
  switch (event._tag) {
    case 'Status':
      return [{ kind: 'status', text: texts.status(event.job) }]
    case 'Line':
      return [{ kind: 'line', source: event.source, text: event.data }]
    case 'Gap':
      return [{ kind: 'trouble', text: `lines are missing here (${event.reason})` }]
    case 'Connection':
      return event.error === undefined ? [] : [{ kind: 'trouble', text: troubleOf(event, event.error) }]
    case 'Settled':
      return [{ kind: 'end', end: event.outcome.phase, reasons: reasonsOf(texts, event.outcome) }]
  }
}

function reasonsOf<Ref, Job, Failure>(
  texts: Texts<Job, Failure>,
  outcome: Outcome<Ref, Job, Failure>,
): ReadonlyArray<string> {
  if (outcome.phase !== 'failed') return []
  if (outcome.failure !== undefined) return texts.reasons(outcome.failure)
  return outcome.failureError ? [`the reason could not be read: ${outcome.failureError.message}`] : []
}

function troubleOf({ channel, state, retryInMs }: Connection, { _tag }: ApiError): string {
  const next = state === 'fallback' ? 'going on without it' : `trying again in ${Math.round(retryInMs)} ms`
  return `${channel} connection: ${_tag}, ${next}`
}

const lost = (error: unknown): Update => ({
  kind: 'end',
  end: 'lost',
  reasons: [error instanceof Error ? error.message : String(error)],
})
