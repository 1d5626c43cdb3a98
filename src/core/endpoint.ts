import type { Parameter } from './parameter.ts'
import type { Reader } from './reader.ts'
import { kindOf, show } from './show.ts'

/**
 * One request of a service as a plain value: what it is called, where it goes, what it takes, what its answers mean.
 *
 * A {@link Client} runs it. All parameters lie flat in one object, each with its place in the request.
 *
 * @typeParam P the parameters, one object
 * @typeParam A what a successful answer becomes; a streamed answer gives many
 *
 * @example
 * ```ts
 * import * as t from 'io-ts'
 * import { type Endpoint, inPath, json, struct } from 'rxjobs'
 *
 * interface Run { readonly id: number; readonly status: string }
 *
 * const getRun: Endpoint<{ readonly id: string }, Run> = {
 *   name: 'getRun',
 *   method: 'GET',
 *   path: '/runs/{id}',
 *   parameters: { id: inPath },
 *   answers: { 200: json(struct<Run>('Run', { id: t.number, status: t.string })) },
 * }
 * ```
 */
export interface Endpoint<P, A> {
  /** The operation's name in the service's documentation. */
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path template below the client's base URL; `{name}` stands for a path parameter. */
  readonly path: string
  readonly parameters: { readonly [K in keyof P]-?: Parameter }
  /** What to make of the body, by status. A success with another status is read like 200. */
  readonly answers: { readonly [status: number]: Reader<A> }
  /** The Accept header. Default `application/json`. */
  readonly accept?: string
  /** The Content-Type of a body of bytes. Default `application/octet-stream`; body fields are `application/json`. */
  readonly contentType?: string
}

/** What an endpoint and its parameters come to, before authorization. */
export interface Call {
  readonly method: string
  /** Expanded and encoded, without the query. */
  readonly path: string
  /** With its question mark, or empty. */
  readonly query: string
  /** JSON, where the endpoint has body parameters; bytes, where one of them is the body. */
  readonly body: string | Uint8Array | undefined
}

/** A value for an error: body fields may hold passwords, so of those only the kind is said. */
function given(value: unknown, place: Parameter['place']): string {
  if ((place !== 'body' && place !== 'bytes') || value === undefined || value === null || value === '')
    return show(value)
  return `a value of type ${typeof value}`
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

/**
 * Puts parameters in their places.
 *
 * @throws TypeError for a parameter that is missing or is not what it must be; it names the operation and all that is wrong
 */
export function fill<P extends object, A>(endpoint: Endpoint<P, A>, params: P): Call {
  const declared: ReadonlyArray<[string, Parameter]> = Object.entries(endpoint.parameters)
  if (!isObject(params)) {
    const names = declared.map(([name]) => name).join(', ')
    throw new TypeError(`${endpoint.name}: its parameters must be one object, { ${names} }, was ${kindOf(params)}`)
  }
  const wrong: Array<string> = []
  const query: Array<[string, string]> = []
  const body: Record<string, unknown> = {}
  let bytes: Uint8Array | undefined
  let path = endpoint.path

  for (const [name, { place, required, check }] of declared) {
    const value: unknown = Object.hasOwn(params, name) ? Reflect.get(params, name) : undefined
    if (value === undefined && !required) continue
    const words = check(value)
    if (words !== undefined) wrong.push(`${name} must be ${words}, was ${given(value, place)}`)
    else if (place === 'path') path = path.replace(`{${name}}`, () => encodeURIComponent(String(value)))
    else if (place === 'query') query.push([name, String(value)])
    else if (place === 'bytes') bytes = value instanceof Uint8Array ? value : undefined
    else body[name] = value
  }
  if (wrong.length > 0) throw new TypeError(`${endpoint.name}: ${wrong.join('; ')}`)

  return {
    method: endpoint.method,
    path,
    query: query.length === 0 ? '' : `?${new URLSearchParams(query).toString()}`,
    body: bytes ?? (declared.some(([, { place }]) => place === 'body') ? JSON.stringify(body) : undefined),
  }
}

/**
 * The path that a call goes to: names what is asked for, and checks the parameters on the way.
 *
 * @throws TypeError as running the endpoint would
 *
 * @example
 * ```ts
 * import { pathOf } from 'rxjobs'
 * import { getJob } from 'rxjobs/connect'
 *
 * pathOf(getJob, { guid: 'a b', key: 'k' }) // => '/v1/content/a%20b/jobs/k'
 * ```
 */
export const pathOf = <P extends object, A>(endpoint: Endpoint<P, A>, params: P): string => fill(endpoint, params).path
