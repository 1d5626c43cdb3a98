import { Observable, type Subscriber } from 'rxjs'
import { boundTo } from '../core/bound-to.ts'

const isBatch: (value: unknown) => value is ReadonlyArray<unknown> = Array.isArray

/**
 * Emits the elements of batches one by one; what is no batch goes to `single`. All in one step, because it stands
 * between the connection and every single line.
 */
export function flatten<A, B extends C, C>(
  source: Observable<A | ReadonlyArray<B>>,
  single: (value: A, subscriber: Subscriber<C>) => void,
): Observable<C> {
  return new Observable((subscriber) => {
    source.pipe(boundTo(subscriber)).subscribe({
      next: (value) => {
        if (!isBatch(value)) return single(value, subscriber)
        for (const element of value) {
          if (subscriber.closed) return
          subscriber.next(element)
        }
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    })
  })
}
