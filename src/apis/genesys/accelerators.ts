import { map, type Observable } from 'rxjs'
import {
  type CallOptions,
  type Client,
  DecodeError,
  type Endpoint,
  inPath,
  inQuery,
  json,
  oneOf,
  type Open,
  pathOf,
  positiveInteger,
  text,
} from '../../core/index.ts'
import { AcceleratorList, type AcceleratorMetadata } from './accelerator.ts'
import { AcceleratorSpecification } from './accelerator-specification.ts'
import { allPages, type Page } from './all-pages.ts'

/** Which accelerators to get. */
export interface GetAccelerators {
  /** How many on a page. Default 25. */
  readonly pageSize?: number
  /** From 1. Default 1. */
  readonly pageNumber?: number
  readonly sortBy?: Open<'id' | 'name' | 'description' | 'origin' | 'type' | 'classification'>
  /** Default asc. */
  readonly sortOrder?: 'asc' | 'desc'
  readonly name?: string
  readonly description?: string
  /** In lower case here, unlike in the answer. */
  readonly origin?: Open<'community' | 'partner' | 'genesys'>
  /** In lower case here, unlike in the answer. */
  readonly type?: Open<'module' | 'accelerator' | 'blueprint'>
  readonly classification?: string
  readonly tags?: string
}

/** Which accelerator to get. */
export interface GetAccelerator {
  readonly acceleratorId: string
  /** The language of its texts. Default en-US. */
  readonly preferredLanguage?: Open<Language>
}

// biome-ignore format: a list
type Language =
  | 'ar' | 'cs' | 'da' | 'de' | 'en-US' | 'es' | 'fi' | 'fr' | 'it' | 'iw' | 'ko' | 'ja' | 'nl' | 'no' | 'pl' | 'pt-BR'
  | 'pt-PT' | 'sv' | 'th' | 'tr' | 'zh-CN' | 'zh-TW'

/** Get one page of the accelerators that can be run. `cx.getInfrastructureascodeAccelerators` goes through all of them. */
export const getInfrastructureascodeAccelerators: Endpoint<GetAccelerators, AcceleratorList> = {
  name: 'getInfrastructureascodeAccelerators',
  method: 'GET',
  path: '/api/v2/infrastructureascode/accelerators',
  parameters: {
    pageSize: inQuery(positiveInteger),
    pageNumber: inQuery(positiveInteger),
    sortBy: inQuery(text),
    sortOrder: inQuery(oneOf('asc', 'desc')),
    name: inQuery(text),
    description: inQuery(text),
    origin: inQuery(text),
    type: inQuery(text),
    classification: inQuery(text),
    tags: inQuery(text),
  },
  answers: { 200: json(AcceleratorList) },
}

/** Get an accelerator's specification: what it needs, what it asks for, what it makes. */
export const getInfrastructureascodeAccelerator: Endpoint<GetAccelerator, AcceleratorSpecification> = {
  name: 'getInfrastructureascodeAccelerator',
  method: 'GET',
  path: '/api/v2/infrastructureascode/accelerators/{acceleratorId}',
  parameters: { acceleratorId: inPath, preferredLanguage: inQuery(text) },
  answers: { 200: json(AcceleratorSpecification) },
}

const usualPageSize = 25

/** Every accelerator from the page on that was asked for, as {@link allPages} gives them. */
export function everyAccelerator(
  client: Client,
  filter: GetAccelerators,
  call: CallOptions | undefined,
): Observable<AcceleratorMetadata> {
  const endpoint = getInfrastructureascodeAccelerators
  const asked = { method: endpoint.method, path: pathOf(endpoint, filter) }
  const { pageNumber: first = 1, pageSize = usualPageSize } = filter

  // Never by nextUri, which may lead elsewhere: the key goes to the configured origin alone.
  function pageOf(list: AcceleratorList, pageNumber: number): Page<AcceleratorMetadata> {
    const { entities = [], nextUri, pageCount } = list
    const given = list.pageNumber ?? pageNumber
    if (given !== pageNumber) {
      // A service that gives one page for another would do so for ever.
      const issue = { path: 'pageNumber', expected: String(pageNumber), actual: String(given) }
      throw new DecodeError({ ...asked, issues: [issue] })
    }
    const silent = nextUri === undefined && pageCount === undefined
    const promised = silent ? entities.length >= pageSize : nextUri !== undefined || pageNumber < (pageCount ?? 0)
    return { entities, hasNext: promised && entities.length > 0 }
  }
  return allPages(first, (pageNumber) =>
    client.run(endpoint, { ...filter, pageNumber }, call).pipe(map((list) => pageOf(list, pageNumber))),
  )
}
