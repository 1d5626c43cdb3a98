import { concatMap, EMPTY, expand, filter, mergeMap, type Observable, take } from 'rxjs'
import { Paced } from '../../core/index.ts'

/** One page of a list. */
export interface Page<A> {
  readonly entities: ReadonlyArray<A>
  readonly hasNext: boolean
}

/**
 * What is on all pages from `first` on, one element after the other. A page is asked for when those before it have been
 * taken and the consumer is ready for more: who leaves early does not pay for the rest.
 */
export function allPages<A>(first: number, read: (pageNumber: number) => Observable<Page<A>>): Observable<A> {
  return new Paced((ready) => {
    const whenReady = (pageNumber: number): Observable<Page<A>> =>
      ready.pipe(
        filter(Boolean),
        take(1),
        mergeMap(() => read(pageNumber)),
      )
    return whenReady(first).pipe(
      expand(({ hasNext }, index) => (hasNext ? whenReady(first + index + 1) : EMPTY)),
      concatMap(({ entities }) => entities),
    )
  })
}
