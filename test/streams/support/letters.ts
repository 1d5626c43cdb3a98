import type { Observable, VirtualTimeScheduler } from 'rxjs'
import { HttpError, type JobSource, type Phase, jobSource } from 'rxjobs'
import { type RunHelpers, TestScheduler } from 'rxjs/testing'
import { expect } from 'vitest'

const phases: ReadonlyMap<string, Phase> = new Map<string, Phase>([
  ['q', 'queued'],
  ['r', 'running'],
  ['s', 'succeeded'],
  ['f', 'failed'],
  ['e', 'ended'],
])

/** A service whose jobs are short texts, so that marbles can write them: the first letter is the phase. */
export type Letters = JobSource<string, string, string>

export const phaseOf = (job: string): Phase => phases.get(job.slice(0, 1)) ?? 'unknown'

/** A source with that `status`, and whatever else replaces what a simple service has. */
export function letters(status: (ref: string) => Observable<string>, more: Partial<Letters> = {}): Letters {
  return { ...jobSource({ status, phase: phaseOf }), keyOf: (ref) => `/jobs/${ref}`, ...more }
}

/** Gives the elements one after the other, the last one again and again. */
export function inTurn<A>(...elements: readonly [A, ...ReadonlyArray<A>]): () => A {
  let index = 0
  return () => elements[Math.min(index++, elements.length - 1)] ?? elements[0]
}

/** A failure with that status. */
export const answered = (status: number, retryAfter?: number): HttpError =>
  new HttpError({ method: 'GET', path: '/jobs/a', status, retryAfter })

/** Runs marbles; the assertions are made at the end, in virtual time. */
export function marbles(body: (helpers: RunHelpers, clock: TestScheduler) => void): void {
  const clock = new TestScheduler((actual: unknown, expected: unknown) => expect(actual).toEqual(expected))
  clock.run((helpers) => body(helpers, clock))
}

/** What came of a stream, and when. */
export interface Recorded<A> {
  readonly values: ReadonlyArray<A>
  /** The times of the values. */
  readonly times: ReadonlyArray<number>
  readonly error: unknown
  readonly completed: boolean
  /** When it ended. */
  readonly endedAt: number | undefined
}

/** Runs a stream to its end in virtual time. */
export function recorded<A>(clock: VirtualTimeScheduler, stream: Observable<A>): Recorded<A> {
  const values: Array<A> = []
  const times: Array<number> = []
  let end: Pick<Recorded<A>, 'error' | 'completed' | 'endedAt'> = {
    error: undefined,
    completed: false,
    endedAt: undefined,
  }
  stream.subscribe({
    next: (value) => {
      values.push(value)
      times.push(clock.now())
    },
    error: (error: unknown) => (end = { error, completed: false, endedAt: clock.now() }),
    complete: () => (end = { error: undefined, completed: true, endedAt: clock.now() }),
  })
  clock.flush()
  return { values, times, ...end }
}
