import { concatMap, EMPTY, expand, filter, map, mergeMap, type Observable, take } from 'rxjs'
import { BackpressuredObservable, type CallOptions, type Client, DecodeError, pathOf } from '../../core/index.ts'
import { type GetAccelerators, getInfrastructureascodeAccelerators } from './endpoints.ts'
import type { AcceleratorList, AcceleratorMetadata } from './models.ts'

interface Page {
  readonly entities: ReadonlyArray<AcceleratorMetadata>
  /** The number of the next one, if there is one. */
  readonly next: number | undefined
}

/**
 * All accelerators from the page that was asked for on, in order. The next page is requested when all elements before it were taken
 * and the consumer asks for more.
 *
 * Fails with a DecodeError when the service gives another page than the requested one, or a page without a new element.
 */
export function everyAccelerator(
  client: Client,
  params: GetAccelerators = {},
  options?: CallOptions,
): Observable<AcceleratorMetadata> {
  const endpoint = getInfrastructureascodeAccelerators
  const { pageNumber: firstPage = 1, pageSize = 25 } = params
  const description = { method: endpoint.method, path: pathOf(endpoint, params) }

  return new BackpressuredObservable((demand) => {
    const seen = new Set<string>()

    function isLast({ pageNumber = 0, entities = [], nextUri, pageCount }: AcceleratorList, wanted: number): boolean {
      const known = seen.size
      for (const { id } of entities) seen.add(id)
      const refuse = (path: string, expected: string, actual: string): DecodeError =>
        new DecodeError({ ...description, issues: [{ path, expected, actual }] })
      if (pageNumber > 0 && pageNumber !== wanted) throw refuse('pageNumber', `${wanted}`, `${pageNumber}`)
      if (entities.length === 0) return true
      if (seen.size === known) throw refuse('entities', 'a new page', `page ${wanted}, seen before`)
      return nextUri === undefined && (pageCount === undefined ? entities.length < pageSize : wanted >= pageCount)
    }

    // By number: `nextUri` may lead to another host, which must not get the token.
    const read = (pageNumber: number): Observable<Page> =>
      demand.pipe(
        filter(Boolean),
        take(1),
        mergeMap(() => client.run(endpoint, { ...params, pageNumber }, options)),
        map((list) => ({ entities: list.entities ?? [], next: isLast(list, pageNumber) ? undefined : pageNumber + 1 })),
      )
    return read(firstPage).pipe(
      expand(({ next }) => (next === undefined ? EMPTY : read(next))),
      concatMap(({ entities }) => entities),
    )
  })
}
