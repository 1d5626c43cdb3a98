import { catchError, concatMap, of, type OperatorFunction } from 'rxjs'
import type { ApiError, Connection, JobEvent, Outcome } from 'rxjobs'
import type { Told } from './told.ts'

/** A service's own words. */
export interface Words<Job, Failure> {
  readonly status: (job: Job) => string
  readonly why: (failure: Failure) => ReadonlyArray<string>
}

/** Puts into words what happens to a job. An error is the last of it, so that other jobs go on. */
export function tell<Ref, Job, Failure>(
  words: Words<Job, Failure>,
): OperatorFunction<JobEvent<Ref, Job, Failure>, Told> {
  return (events) =>
    events.pipe(
      concatMap((event) => told(words, event)),
      catchError((error: unknown) => of(lost(error))),
    )
}

function told<Ref, Job, Failure>(words: Words<Job, Failure>, event: JobEvent<Ref, Job, Failure>): ReadonlyArray<Told> {
  switch (event._tag) {
    case 'Status':
      return [{ kind: 'status', text: words.status(event.job) }]
    case 'Line':
      return [{ kind: 'line', source: event.source, text: event.data }]
    case 'Gap':
      return [{ kind: 'trouble', text: `lines are missing here (${event.reason})` }]
    case 'Connection':
      return event.error._tag === 'None' ? [] : [{ kind: 'trouble', text: troubleOf(event, event.error.value) }]
    case 'Settled':
      return [{ kind: 'end', end: event.outcome.phase, why: reasons(words, event.outcome) }]
  }
}

function reasons<Ref, Job, Failure>(
  words: Words<Job, Failure>,
  { failure, failureError }: Outcome<Job, Failure, Ref>,
): ReadonlyArray<string> {
  if (failure._tag === 'Some') return words.why(failure.value)
  return failureError._tag === 'Some' ? [`the reason could not be read: ${failureError.value.message}`] : []
}

function troubleOf({ to, state, waitMs }: Connection, { _tag }: ApiError): string {
  const next = state === 'fallback' ? 'going on without it' : `trying again in ${Math.round(waitMs)} ms`
  return `${to} connection: ${_tag}, ${next}`
}

const lost = (error: unknown): Told => ({
  kind: 'end',
  end: 'lost',
  why: [error instanceof Error ? error.message : String(error)],
})
