import { defer, finalize, map, type Observable, timer, type VirtualTimeScheduler } from 'rxjs'
import { type ApiError, isFinal, type JobList, type ListedJob } from 'rxjobs'
import { type Letters, letters, phaseOf } from '../support/letters.ts'

/** What a job shows from when on: "q" from 0, "r" from 2000, "s" from 9000. */
export type Life = ReadonlyArray<readonly [from: number, job: string]>

/** How a service in virtual time behaves. */
export interface Behaviour {
  readonly lives: ReadonlyMap<string, Life>
  /** Milliseconds that an answer takes. */
  readonly latency?: (index: number) => number
  /** What goes wrong with a request. */
  readonly failure?: (index: number) => ApiError | undefined
  /** Which jobs a list shows; no list without it. */
  readonly shows?: (ref: string, scope: string) => boolean
  readonly scopeOf?: NonNullable<Letters['list']>['scopeOf']
}

/** A request that a service got. */
export interface Request {
  readonly at: number
  readonly what: string
}

/** A service in virtual time, and what it was asked. */
export function service(
  scheduler: VirtualTimeScheduler,
  { lives, latency = () => 10, failure = () => undefined, shows, scopeOf }: Behaviour,
): { readonly source: Letters; readonly requests: ReadonlyArray<Request>; readonly open: () => number } {
  const requests: Array<Request> = []
  let open = 0

  /** The answer is what is so when it is sent. */
  function answer<A>(what: string, body: () => A): Observable<A> {
    return defer(() => {
      const index = requests.push({ at: scheduler.now(), what }) - 1
      open++
      return timer(latency(index), scheduler).pipe(
        map(() => bodyOr(failure(index), body)),
        finalize(() => open--),
      )
    })
  }
  const jobNow = (ref: string): string => {
    const now = scheduler.now()
    return (
      lives
        .get(ref)
        ?.filter(([from]) => from <= now)
        .at(-1)?.[1] ?? 'q'
    )
  }
  const row = (ref: string): ListedJob<string, string> => ({ ref, job: jobNow(ref), phase: phaseOf(jobNow(ref)) })
  const source: Letters = {
    ...letters((ref) => answer(ref, () => jobNow(ref))),
    scheduler,
    ...(shows === undefined ? {} : { list: listOf(shows) }),
  }
  return { source, requests, open: () => open }

  function listOf(isShown: NonNullable<Behaviour['shows']>): JobList<string, string> {
    return {
      scopeOf: scopeOf ?? (() => 'all'),
      read: (scope, refs) =>
        answer(`list ${scope} ${refs.length}`, () => refs.filter((ref) => isShown(ref, scope)).map(row)),
    }
  }
}

function bodyOr<A>(error: ApiError | undefined, body: () => A): A {
  if (error !== undefined) throw error
  return body()
}

/** The lives as a watch could tell them: what a job shows, one after the other. */
export const shown = (life: Life): ReadonlyArray<string> => life.map(([, job]) => job)

/** When a job is over. */
export const endOf = (life: Life): number => life.find(([, job]) => isFinal(phaseOf(job)))?.[0] ?? Number.NaN

/** The most that fall into one minute, wherever it begins. */
export function mostInMinute(times: ReadonlyArray<number>): number {
  let from = 0
  return times.reduce((most, time, index) => {
    while ((times[from] ?? time) <= time - 60_000) from++
    return Math.max(most, index - from + 1)
  }, 0)
}
