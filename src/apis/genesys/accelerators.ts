import { concat, defer, EMPTY, filter, mergeMap, type Observable, take } from 'rxjs'
import { BackpressuredObservable, type CallOptions, type Client, DecodeError, pathOf } from '../../core/index.ts'
import { type GetAccelerators, getInfrastructureascodeAccelerators } from './endpoints.ts'
import type { AcceleratorList, AcceleratorMetadata } from './models.ts'

/**
 * All accelerators from the page that was asked for on, in order. The next page is requested when all elements before it were taken
 * and the consumer asks for more. Fails with a DecodeError for a page without a new element.
 */
export function everyAccelerator(
  client: Client,
  params: GetAccelerators = {},
  options?: CallOptions,
): Observable<AcceleratorMetadata> {
  const endpoint = getInfrastructureascodeAccelerators
  const { pageNumber: firstPage = 1, pageSize = 25 } = params
  const path = pathOf(endpoint, params)

  return new BackpressuredObservable((demand) => {
    const seen = new Set<string>()

    function isLast({ entities = [], nextUri, pageCount }: AcceleratorList, page: number): boolean {
      const known = seen.size
      for (const { id } of entities) seen.add(id)
      if (entities.length === 0) return true
      if (seen.size > known) return !nextUri && (pageCount ? page >= pageCount : entities.length < pageSize)
      const issue = { path: 'entities', expected: 'a new page', actual: `page ${page}, seen before` }
      throw new DecodeError({ method: endpoint.method, path, issues: [issue] })
    }

    // By number: `nextUri` may lead to another host, which must not get the token.
    const from = (pageNumber: number): Observable<AcceleratorMetadata> =>
      demand.pipe(
        filter(Boolean),
        take(1),
        mergeMap(() => client.run(endpoint, { ...params, pageNumber }, options)),
        mergeMap((list) => {
          const next = isLast(list, pageNumber) ? EMPTY : defer(() => from(pageNumber + 1))
          return concat(list.entities ?? [], next)
        }),
      )
    return from(firstPage)
  })
}
