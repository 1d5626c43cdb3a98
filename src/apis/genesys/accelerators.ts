import { concat, defer, EMPTY, filter, mergeMap, type Observable, take } from 'rxjs'
import { BackpressuredObservable, type CallOptions, type Client, DecodeError, pathOf } from '../../core/index.ts'
import { type GetAccelerators, getInfrastructureascodeAccelerators as endpoint } from './endpoints.ts'
import type { AcceleratorList, AcceleratorMetadata } from './models.ts'

/**
 * All accelerators from the page that was asked for on, in order. The next page is requested when all elements before it were taken
 * and the consumer asks for more. Fails with a DecodeError for a page that repeats others, and for a second empty one in a row that says
 * that there are more.
 */
export function everyAccelerator(
  client: Client,
  params: GetAccelerators = {},
  options?: CallOptions,
): Observable<AcceleratorMetadata> {
  const { pageNumber: firstPage = 1, pageSize = 25 } = params
  const path = pathOf(endpoint, params)

  return new BackpressuredObservable((demand) => {
    const seen = new Set<string>()
    let newest = firstPage - 1

    function isLast({ entities = [], nextUri, pageCount }: AcceleratorList, page: number): boolean {
      const known = seen.size
      for (const { id } of entities) seen.add(id)
      if (seen.size > known) newest = page
      const isEmpty = entities.length === 0
      if (isEmpty && !(pageCount ? page < pageCount : nextUri)) return true
      // One page without anything may be in the middle, two in a row say the same.
      if (page <= newest + Number(isEmpty))
        return !nextUri && (pageCount ? page >= pageCount : entities.length < pageSize)
      const issue = { path: 'entities', expected: 'a new page', actual: `page ${page}, seen before` }
      throw new DecodeError({ method: endpoint.method, path, issues: [issue] })
    }

    // By number: `nextUri` may lead to another host, which must not get the token.
    const from = (page: number): Observable<AcceleratorMetadata> =>
      demand.pipe(
        filter(Boolean),
        take(1),
        mergeMap(() => client.run(endpoint, { ...params, pageNumber: page }, options)),
        mergeMap((list) => concat(list.entities ?? [], isLast(list, page) ? EMPTY : defer(() => from(page + 1)))),
      )
    return from(firstPage)
  })
}
