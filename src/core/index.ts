export * from './errors/index.ts'
export { type Auth, type AuthContext, type Authorizer, accessToken, fixedHeader, type TextAnswer } from './auth.ts'
export { baseUrl } from './base-url.ts'
export { type Answer, type Client, client } from './client.ts'
export { type ClientCredentials, clientCredentials } from './client-credentials.ts'
export type { CallOptions, ClientOptions, ConnectionOptions, ErrorDetail } from './client-options.ts'
export { dictionary, type Fields, guardFirst, list, nullable, type Open, open, struct } from './codec.ts'
export { type Endpoint, pathOf } from './endpoint.ts'
export { type Fetch, type FetchInit, type FetchResponse, fetchTransport, type Signal } from './fetch-transport.ts'
export {
  asBody,
  type Check,
  flag,
  inBody,
  inPath,
  inQuery,
  integer,
  oneOf,
  type Parameter,
  positiveInteger,
  segment,
  text,
} from './parameter.ts'
export {
  always,
  bytes,
  type Decoder,
  elements,
  json,
  Mismatch,
  mapWhole,
  type Reader,
  type StreamReader,
  type WholeReader,
} from './reader.ts'
export type { RetryOptions } from './retry.ts'
export { type Chunk, type Head, type Headers, type HttpRequest, type Transport } from './transport.ts'
export { valueStream } from './framing/value-stream.ts'
export { lines } from './framing/lines.ts'
export { isTransient } from './transient.ts'
export { explain } from './explain.ts'
export { alwaysReady, Paced, type Ready, withPace } from './paced.ts'
