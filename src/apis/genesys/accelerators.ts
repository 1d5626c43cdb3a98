import { concatMap, EMPTY, expand, filter, map, mergeMap, type Observable, take } from 'rxjs'
import { BackpressuredObservable, type CallOptions, type Client, DecodeError, pathOf } from '../../core/index.ts'
import { type GetAccelerators, getInfrastructureascodeAccelerators } from './endpoints.ts'
import type { AcceleratorList, AcceleratorMetadata } from './models.ts'

const endpoint = getInfrastructureascodeAccelerators
const defaultPageSize = 25

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
  const { pageNumber: first = 1, pageSize = defaultPageSize } = params
  const request = { method: endpoint.method, path: pathOf(endpoint, params) }
  const mistake = (path: string, expected: string, actual: string): DecodeError =>
    new DecodeError({ ...request, issues: [{ path, expected, actual }] })

  return new BackpressuredObservable((demand) => {
    const seen = new Set<string>()

    // By number: `nextUri` may lead to another host, which must not get the token.
    function checkPage({ entities = [], ...list }: AcceleratorList, pageNumber: number) {
      const given = list.pageNumber ?? pageNumber
      if (given !== pageNumber) throw mistake('pageNumber', String(pageNumber), String(given))
      const before = seen.size
      for (const { id } of entities) seen.add(id)
      const isEmpty = entities.length === 0
      if (!isEmpty && seen.size === before) throw mistake('entities', 'a new page', `page ${pageNumber}, seen before`)
      const { nextUri, pageCount = nextUri === undefined && entities.length >= pageSize ? Infinity : 0 } = list
      return {
        entities,
        next: !isEmpty && (nextUri !== undefined || pageNumber < pageCount) ? pageNumber + 1 : undefined,
      }
    }

    const read = (pageNumber: number) =>
      demand.pipe(
        filter(Boolean),
        take(1),
        mergeMap(() => client.run(endpoint, { ...params, pageNumber }, options)),
        map((list) => checkPage(list, pageNumber)),
      )
    return read(first).pipe(
      expand(({ next }) => (next === undefined ? EMPTY : read(next))),
      concatMap(({ entities }) => entities),
    )
  })
}
