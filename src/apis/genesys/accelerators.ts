import * as t from 'io-ts'
import { concatMap, EMPTY, expand, filter, mergeMap, type Observable, take, tap } from 'rxjs'
import {
  BackpressuredObservable,
  boundedArray,
  boundedRecord,
  type CallOptions,
  type Client,
  DecodeError,
  type Endpoint,
  enumParam,
  type Fields,
  inPath,
  inQuery,
  json,
  type OpenEnum,
  openEnum,
  pathOf,
  positiveIntegerParam,
  stringParam,
  struct,
} from '../../core/index.ts'

// ---- models

/** An accelerator that can be run, as the list of accelerators shows it. */
export interface AcceleratorMetadata {
  readonly id: string
  readonly name?: string
  readonly description?: string
  readonly origin?: OpenEnum<'Community' | 'Partner' | 'Genesys'>
  readonly type?: OpenEnum<'Module' | 'Accelerator' | 'Blueprint'>
  readonly classification?: string
  readonly tags?: ReadonlyArray<string>
  readonly selfUri?: string
}

/** One page of the list of accelerators. `nextUri` is present while there is another page. */
export interface AcceleratorList {
  readonly entities?: ReadonlyArray<AcceleratorMetadata>
  readonly pageSize?: number
  /** From 1. */
  readonly pageNumber?: number
  readonly pageCount?: number
  /** How many accelerators there are on all pages. */
  readonly total?: number
  readonly firstUri?: string
  readonly previousUri?: string
  readonly selfUri?: string
  readonly nextUri?: string
  readonly lastUri?: string
}

/** An input that an accelerator asks for. */
export interface MetadataProperty {
  readonly type?: string
  readonly displayname?: string
  readonly description?: string
  /** Whether the value should be hidden, as a string. */
  readonly sensitive?: string
  /** The address of a page about it. */
  readonly help?: string
  readonly default?: string
  /** The possible values, where they are few. */
  readonly enum?: ReadonlyArray<string>
}

/** Inputs that belong together. */
export interface MetadataSchema {
  readonly title?: string
  readonly description?: string
  readonly type?: string
  /** Each by its name, which is the `name` of the parameter to submit. */
  readonly properties?: ReadonlyArray<Readonly<Record<string, MetadataProperty>>>
  /** The names of the inputs that must be given. */
  readonly required?: ReadonlyArray<string>
}

/** An object that an accelerator creates or changes. */
export interface MetadataResultEntity {
  readonly type?: string
  readonly description?: string
  readonly visibility?: OpenEnum<'Visible' | 'Hidden'>
}

/** The complete specification of an accelerator: its requirements, its inputs, its results. */
export interface AcceleratorSpecification extends AcceleratorMetadata {
  /** Permissions that the submitting user must have. */
  readonly permissions?: ReadonlyArray<string>
  /** Products that the organisation must have. */
  readonly products?: ReadonlyArray<string>
  readonly documentation?: ReadonlyArray<{ readonly description?: string; readonly location?: string }>
  readonly presentation?: ReadonlyArray<{ readonly title?: string; readonly schema?: MetadataSchema }>
  readonly results?: { readonly entities?: ReadonlyArray<MetadataResultEntity> }
}

const text = t.string
const texts = boundedArray(text)
const optional = <A extends object>(name: string, fields: Fields<A>): t.Type<Partial<A>> =>
  struct<object, A>(name, {}, fields)

const metadataTexts = { name: text, description: text, classification: text, tags: texts, selfUri: text }
const metadata: Fields<Omit<AcceleratorMetadata, 'id'>> = { ...metadataTexts, origin: openEnum(), type: openEnum() }

/** Decodes an accelerator. Fields beyond the documented ones are kept. */
export const AcceleratorMetadata: t.Type<AcceleratorMetadata> = struct<
  Pick<AcceleratorMetadata, 'id'>,
  Omit<AcceleratorMetadata, 'id'>
>('AcceleratorMetadata', { id: text }, metadata)

const entities = boundedArray(AcceleratorMetadata)
const counts = { pageSize: t.number, pageNumber: t.number, pageCount: t.number, total: t.number }
const uris = { firstUri: text, previousUri: text, selfUri: text, nextUri: text, lastUri: text }

/** Decodes a page of accelerators. */
export const AcceleratorList: t.Type<AcceleratorList> = optional('AcceleratorList', { entities, ...counts, ...uris })

const labels = { type: text, description: text }
const propertyTexts = { ...labels, displayname: text, sensitive: text, help: text, default: text }
const property = optional<MetadataProperty>('MetadataProperty', { ...propertyTexts, enum: texts })
const properties = boundedArray(boundedRecord(property))
const schema = optional<MetadataSchema>('MetadataSchema', { ...labels, title: text, properties, required: texts })
const entity = optional<MetadataResultEntity>('MetadataResultEntity', { ...labels, visibility: openEnum() })
const specification: Fields<Omit<AcceleratorSpecification, 'id'>> = {
  ...metadata,
  permissions: texts,
  products: texts,
  documentation: boundedArray(optional('MetadataDocumentation', { description: text, location: text })),
  presentation: boundedArray(optional('MetadataPresentation', { title: text, schema })),
  results: optional('MetadataResults', { entities: boundedArray(entity) }),
}

/** Decodes a specification. Fields beyond the documented ones are kept. */
export const AcceleratorSpecification: t.Type<AcceleratorSpecification> = struct<
  Pick<AcceleratorSpecification, 'id'>,
  Omit<AcceleratorSpecification, 'id'>
>('AcceleratorSpecification', { id: text }, specification)

// ---- endpoints

/** Parameters of `getInfrastructureascodeAccelerators`. */
export interface GetAccelerators {
  /** How many on a page. Default 25. */
  readonly pageSize?: number
  /** From 1. Default 1. */
  readonly pageNumber?: number
  readonly sortBy?: OpenEnum<'id' | 'name' | 'description' | 'origin' | 'type' | 'classification'>
  /** Default asc. */
  readonly sortOrder?: 'asc' | 'desc'
  readonly name?: string
  readonly description?: string
  /** In lower case here, unlike in the response. */
  readonly origin?: OpenEnum<'community' | 'partner' | 'genesys'>
  /** In lower case here, unlike in the response. */
  readonly type?: OpenEnum<'module' | 'accelerator' | 'blueprint'>
  readonly classification?: string
  readonly tags?: string
}

/** Parameters of `getInfrastructureascodeAccelerator`. */
export interface GetAccelerator {
  readonly acceleratorId: string
  /** The language of its texts. Default en-US. */
  readonly preferredLanguage?: OpenEnum<Language>
}

// biome-ignore format: a list
type Language =
  | 'ar' | 'cs' | 'da' | 'de' | 'en-US' | 'es' | 'fi' | 'fr' | 'it' | 'iw' | 'ko' | 'ja' | 'nl' | 'no' | 'pl' | 'pt-BR'
  | 'pt-PT' | 'sv' | 'th' | 'tr' | 'zh-CN' | 'zh-TW'

const path = '/api/v2/infrastructureascode/accelerators'
const count = inQuery(positiveIntegerParam)
const string = inQuery(stringParam)
const page = { pageSize: count, pageNumber: count, sortBy: string, sortOrder: inQuery(enumParam('asc', 'desc')) }
const search = { name: string, description: string, origin: string, type: string, classification: string, tags: string }

/** Get one page of the accelerators that can be run. `cx.getInfrastructureascodeAccelerators` goes through all pages. */
export const getInfrastructureascodeAccelerators: Endpoint<GetAccelerators, AcceleratorList> = {
  name: 'getInfrastructureascodeAccelerators',
  method: 'GET',
  path,
  parameters: { ...page, ...search },
  responses: { 200: json(AcceleratorList) },
}

/** Get an accelerator's specification: its requirements, its inputs, its results. */
export const getInfrastructureascodeAccelerator: Endpoint<GetAccelerator, AcceleratorSpecification> = {
  name: 'getInfrastructureascodeAccelerator',
  method: 'GET',
  path: `${path}/{acceleratorId}`,
  parameters: { acceleratorId: inPath, preferredLanguage: string },
  responses: { 200: json(AcceleratorSpecification) },
}

// ---- paging

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

    function checkPage({ pageNumber, entities = [] }: AcceleratorList, wanted: number): void {
      const before = seen.size
      for (const { id } of entities) seen.add(id)
      const isOther = pageNumber !== undefined && pageNumber !== wanted
      if (!isOther && (seen.size > before || entities.length === 0)) return
      const [path, expected, actual] = isOther
        ? ['pageNumber', `${wanted}`, `${pageNumber}`]
        : ['entities', 'a new page', `page ${wanted}, seen before`]
      throw new DecodeError({ ...description, issues: [{ path, expected, actual }] })
    }

    // By number: `nextUri` may lead to another host, which must not get the token.
    const read = (pageNumber: number): Observable<AcceleratorList> =>
      demand.pipe(
        filter(Boolean),
        take(1),
        mergeMap(() => client.run(endpoint, { ...params, pageNumber }, options)),
        tap((list) => checkPage(list, pageNumber)),
      )
    const isLast = ({ entities = [], nextUri, pageCount }: AcceleratorList, pageNumber: number): boolean =>
      entities.length === 0 ||
      (nextUri === undefined && (pageCount === undefined ? entities.length < pageSize : pageNumber >= pageCount))

    return read(firstPage).pipe(
      expand((list, index) => (isLast(list, firstPage + index) ? EMPTY : read(firstPage + index + 1))),
      concatMap(({ entities = [] }) => entities),
    )
  })
}
