import type { Observable } from 'rxjs'

/** What a stream came to. */
export interface Outcome<A> {
  readonly values: ReadonlyArray<A>
  readonly error?: unknown
  readonly completed: boolean
}

/** Waits for the end of a stream, whichever it is. */
export function outcomeOf<A>(source: Observable<A>): Promise<Outcome<A>> {
  return new Promise((resolve) => {
    const values: Array<A> = []
    source.subscribe({
      next: (value) => values.push(value),
      error: (error: unknown) => resolve({ values, error, completed: false }),
      complete: () => resolve({ values, completed: true }),
    })
  })
}

/** What a stream has come to by the time that subscribing returns. */
export function outcomeNow<A>(source: Observable<A>): Outcome<A> {
  const values: Array<A> = []
  let outcome: Outcome<A> = { values, completed: false }
  source
    .subscribe({
      next: (value) => values.push(value),
      error: (error: unknown) => (outcome = { values, error, completed: false }),
      complete: () => (outcome = { values, completed: true }),
    })
    .unsubscribe()
  return outcome
}

/** The error that a stream ends with, which must be the kind that the guard names. */
export async function errorOf<E>(source: Observable<unknown>, guard: (error: unknown) => error is E): Promise<E> {
  const outcome = await outcomeOf(source)
  if (guard(outcome.error)) return outcome.error
  throw new Error('It ended otherwise.', { cause: outcome })
}
