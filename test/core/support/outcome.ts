import { finalize, type Observable } from 'rxjs'

/** What a stream came to. */
export interface Outcome<A> {
  readonly values: ReadonlyArray<A>
  readonly error?: unknown
  readonly completed: boolean
}

/** Subscribes, and tells on demand what the stream has come to. */
export function watch<A>(source: Observable<A>): () => Outcome<A> {
  const values: Array<A> = []
  let end: Omit<Outcome<A>, 'values'> = { completed: false }
  source.subscribe({
    next: (value) => values.push(value),
    error: (error: unknown) => (end = { error, completed: false }),
    complete: () => (end = { completed: true }),
  })
  return () => ({ values, ...end })
}

/** What a stream has come to by the time that subscribing returns. */
export const outcomeNow = <A>(source: Observable<A>): Outcome<A> => watch(source)()

/** Waits for the end of a stream, whichever it is. */
export function outcomeOf<A>(source: Observable<A>): Promise<Outcome<A>> {
  return new Promise((resolve) => {
    const outcome = watch(source.pipe(finalize(() => queueMicrotask(() => resolve(outcome())))))
  })
}

/** The error that a stream ends with, which must be the kind that the guard names. */
export async function errorOf<E>(source: Observable<unknown>, guard: (error: unknown) => error is E): Promise<E> {
  const outcome = await outcomeOf(source)
  if (guard(outcome.error)) return outcome.error
  throw new Error('It ended otherwise.', { cause: outcome })
}

/** A guard for {@link errorOf}. */
export const instance =
  <E>(type: new (...init: never) => E) =>
  (error: unknown): error is E =>
    error instanceof type
