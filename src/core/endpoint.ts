import type * as t from 'io-ts'
import type { Observable } from 'rxjs'
import { type BodyDecoder, json, noContent } from './body-decoder.ts'
import { aBoolean, aString, type CallOptions, type Check } from './options.ts'
import type { HttpRequest } from './transport.ts'
import { describe, isObject, typeName } from './values.ts'

/** One parameter of an endpoint: its place in the request, whether it must be there, what it must be. */
export interface Parameter {
  /** `body`: a field of the JSON body. `bytes`: the body itself. */
  readonly place: 'path' | 'query' | 'body' | 'bytes'
  readonly required: boolean
  readonly check: Check
}

/**
 * One request of a service as a plain value: its name, its address, its parameters, and what its responses mean.
 *
 * A client runs it. All parameters lie flat in one object, each with its place in the request.
 *
 * @typeParam P the parameters, one object
 * @typeParam A what a successful response becomes; a streamed response gives many
 *
 * @example
 * ```ts
 * import * as t from 'io-ts'
 * import { type Endpoint, inPath, json, struct } from 'rxjobs/core'
 *
 * interface Run { readonly id: number; readonly status: string }
 *
 * const getRun: Endpoint<{ readonly id: string }, Run> = {
 *   name: 'getRun',
 *   method: 'GET',
 *   path: '/runs/{id}',
 *   parameters: { id: inPath },
 *   responses: { 200: json(struct<Run>('Run', { id: t.number, status: t.string })) },
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
  /** How to read the body, by status. A success with another status is read like 200. */
  readonly responses: { readonly [status: number]: BodyDecoder<A> }
  /** The Accept header. Default `application/json`; for a streamed response any other type, too. */
  readonly accept?: string
  /** The Content-Type of a body of bytes. Default `application/octet-stream`; body fields are `application/json`. */
  readonly contentType?: string
  /** The permission that the caller needs, as the service names it: for the advice of a 403. */
  readonly permission?: string
  /** How to find out whether a POST without an answer arrived, for the advice of its error: `see getJobs`. */
  readonly lookup?: string
  // `P | object` and not `P`: otherwise a spread with other parameters would be no endpoint.
  /** Milliseconds by which a call may take longer than the client's `timeout`, unless the call has one of its own. Default 0. */
  extraTime?(params: P | object): number
}

/** A boolean. */
export const booleanParam: Check = aBoolean

/** A string that is not empty. */
export const stringParam: Check = aString

/** A piece of the path: not empty, not `.` or `..`, which every URL parser takes for steps. All else is percent-encoded. */
export const pathParam: Check = (value) =>
  aString(value) || value === '.' || value === '..' ? "a string that is not empty, '.' or '..'" : undefined

/**
 * A whole number between two bounds, both of them included; without the second from the first up.
 *
 * @example
 * ```ts
 * import { inQuery, integerParam } from 'rxjobs/core'
 *
 * const wait = inQuery(integerParam(0, 20))
 * ```
 */
export function integerParam(min: number, max: number = Number.MAX_SAFE_INTEGER): Check {
  const words = `a whole number from ${min} ${max === Number.MAX_SAFE_INTEGER ? 'up' : `to ${max}`}`
  return (value) => (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max ? undefined : words)
}

/** A whole number from 1 up. */
export const positiveIntegerParam: Check = /* @__PURE__ */ integerParam(1)

/** Required, in the path. */
export const inPath: Parameter = { place: 'path', required: true, check: pathParam }

/** Optional, in the query. */
export const inQuery = (check: Check): Parameter => ({ place: 'query', required: false, check })

/** In the JSON body, under its own name. */
export const inBody = (check: Check, required = false): Parameter => ({ place: 'body', required, check })

const someBytes: Check = (value) =>
  value instanceof Uint8Array && value.byteLength > 0 ? undefined : 'a Uint8Array that is not empty'

/** Required, the body of the request as it is: bytes, at least one. An endpoint with it has no other body. */
export const asBody: Parameter = { place: 'bytes', required: true, check: someBytes }

/** The names of the parameters in a path template. */
type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never

type More = { readonly empty?: unknown }

/** Two arguments. The first may be left out where each of its fields may. */
type Rest<Params, Options> = object extends Params
  ? [params?: Params, options?: Options]
  : [params: Params, options?: Options]

/**
 * An endpoint whose name, method and path are one line, as in `getJob GET /v1/jobs/{id}`. Parameters in the path need no mention.
 *
 * @param success the decoder of a success, or the codec of its JSON
 * @param rest the other parameters, and what there is beside that; `empty` is what a 204 gives
 */
export function endpoint<P extends object, A, Line extends `${string} ${Endpoint<P, A>['method']} /${string}`>(
  line: Line,
  success: BodyDecoder<A> | t.Type<A>,
  ...rest: Rest<
    Omit<Endpoint<P, A>['parameters'], NamesIn<Line>> & Partial<Endpoint<NoInfer<P>, A>['parameters']>,
    Partial<Omit<Endpoint<P, A>, 'extraTime'>> & { readonly empty?: A; extraTime?(params: P): number }
  >
): Endpoint<P, A>
export function endpoint(line: string, success: BodyDecoder<unknown> | t.Mixed, others = {}, more: More = {}): object {
  const { empty, ...rest } = more
  const [name, method, path = ''] = line.split(' ')
  const inThePath = Array.from(path.matchAll(/\{(\w+)\}/g), ([, key = '']) => [key, inPath] as const)
  const decoder = 'start' in success ? success : json(success)
  const responses = { 200: decoder, ...(empty !== undefined && { 204: noContent(empty) }) }
  return { name, method, path, responses, parameters: { ...Object.fromEntries(inThePath), ...others }, ...rest }
}

/** What an endpoint and its parameters come to, before authorization: an encoded path, and a query with its question mark. */
type RequestParts = Pick<HttpRequest, 'body'> & { readonly path: string; readonly query: string }

/** A value for a message: body fields may hold passwords, so the message has only their type. */
const shown = (value: unknown, place: Parameter['place']): string =>
  place === 'path' || place === 'query' || !value ? describe(value) : `a value of type ${typeof value}`

/**
 * Puts parameters in their places.
 *
 * @throws TypeError for a parameter that is missing or is not what it must be; it names the operation and all that is wrong
 */
export function buildRequest<P extends object, A>(endpoint: Endpoint<P, A>, params: P): RequestParts {
  const declared: ReadonlyArray<[string, Parameter]> = Object.entries(endpoint.parameters)
  const wrong: Array<string> = []
  let { path } = endpoint
  let query = ''
  let fields: Record<string, unknown> | undefined
  let bytes: Uint8Array | undefined
  if (!isObject(params)) {
    const names = declared.map(([name, { required }]) => (required ? name : `${name}?`)).join(', ')
    throw new TypeError(`${endpoint.name}: its parameters must be { ${names} }, was ${typeName(params)}`)
  }
  for (const [name, { place, required, check }] of declared) {
    if (place === 'body') fields ??= {}
    const value: unknown = Reflect.get(params, name)
    if (value === undefined && !required) continue
    const words = check(value)
    if (words !== undefined) wrong.push(`${name} must be ${words}, was ${shown(value, place)}`)
    else if (place === 'path') path = path.replace(`{${name}}`, () => encodeURIComponent(String(value)))
    else if (place === 'query') query += `${query ? '&' : '?'}${String(new URLSearchParams([[name, String(value)]]))}`
    else if (value instanceof Uint8Array) bytes = value
    else if (fields) fields[name] = value
  }
  if (wrong.length > 0) throw new TypeError(`${endpoint.name}: ${wrong.join('; ')}`)
  return { path, query, body: bytes ?? (fields && JSON.stringify(fields)) }
}

/**
 * The path of a request: names what is asked for, and checks the parameters on the way.
 *
 * @throws TypeError as running the endpoint would
 *
 * @example
 * ```ts
 * import { pathOf } from 'rxjobs/core'
 * import { getJob } from 'rxjobs/connect'
 *
 * pathOf(getJob, { guid: 'a b', key: 'k' }) // => '/v1/content/a%20b/jobs/k'
 * ```
 */
export const pathOf = <P extends object, A>(endpoint: Endpoint<P, A>, params: P): string =>
  buildRequest(endpoint, params).path

/** Endpoints by the name of the operation. */
export type Endpoints = Readonly<Record<string, Endpoint<object, unknown>>>

/** An endpoint as a method: one object of parameters, optional where each of them is, then the call's options. */
export type Operation<P, A> = (...args: Rest<P, CallOptions>) => Observable<A>

/** The methods of a client, one for each endpoint of a record. */
export type Operations<E extends Endpoints> = {
  readonly [K in keyof E]: E[K] extends Endpoint<infer P, infer A> ? Operation<P, A> : never
}

type Run = <P extends object, A>(endpoint: Endpoint<P, A>, params: P, options?: CallOptions) => Observable<A>

/**
 * The endpoints of a record as methods of one client.
 *
 * @example
 * ```ts
 * import { bindOperations, bytes, client, accessToken, type Endpoint, inPath } from 'rxjobs/core'
 *
 * const getRun: Endpoint<{ readonly id: string }, Uint8Array> = {
 *   name: 'getRun', method: 'GET', path: '/runs/{id}', parameters: { id: inPath }, responses: { 200: bytes },
 * }
 * const ci = bindOperations(client({ baseUrl: 'https://ci.example.com', auth: accessToken('a-token') }), { getRun })
 * const run = ci.getRun({ id: '7' })
 * ```
 */
export function bindOperations<E extends Endpoints>(client: { readonly run: Run }, endpoints: E): Operations<E>
export function bindOperations(client: { readonly run: Run }, endpoints: Endpoints): object {
  const operations = Object.entries(endpoints).map(([name, endpoint]) => {
    const operation: Operation<object, unknown> = (params = {}, options) => client.run(endpoint, params, options)
    return [name, operation] as const
  })
  return Object.fromEntries(operations)
}
