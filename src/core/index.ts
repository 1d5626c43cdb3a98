export {
  type Auth,
  type AuthContext,
  type Authorizer,
  accessToken,
  apiKeyAuth,
  checkSecret,
  type TextResponse,
} from './auth.ts'
export { BackpressuredObservable, type Demand, subscribeInto, unlimited, withDemand } from './backpressure.ts'
export {
  type BodyDecoder,
  type BodyDecoding,
  bytes,
  DecodeFailure,
  type DecoderLimits,
  json,
  noContent,
  textLines,
} from './body-decoder.ts'
export { type Cause, causeOf } from './cause.ts'
export { type ApiResponse, type Client, client } from './client.ts'
export { type ClientCredentials, clientCredentials, type StoredToken, type TokenStore } from './client-credentials.ts'
export {
  arrayOrNull,
  boundedArray,
  boundedRecord,
  codecOf,
  explain,
  type Fields,
  nullable,
  numberOrString,
  type OpenEnum,
  openEnum,
  struct,
} from './codec.ts'
export {
  asBody,
  bindOperations,
  booleanParam,
  type Endpoint,
  type Endpoints,
  endpoint,
  inBody,
  inPath,
  inQuery,
  integerParam,
  type Operation,
  type Operations,
  type Parameter,
  pathOf,
  pathParam,
  positiveIntegerParam,
  stringParam,
} from './endpoint.ts'
export {
  AuthError,
  type AuthErrorInit,
  BaseError,
  DecodeError,
  type DecodeErrorInit,
  HttpError,
  type HttpErrorInit,
  type Issue,
  isBranded,
  isRequestError,
  nameOf,
  NetworkError,
  type NetworkErrorInit,
  type ObservedResponses,
  type RequestDescription,
  type RequestError,
  RequestTimeoutError,
  type RequestTimeoutErrorInit,
  tagOf,
  withObservedResponses,
} from './errors.ts'
export { type Fetch, type FetchInit, type FetchResponse, fetchTransport, type Signal } from './fetch-transport.ts'
export { jsonStream } from './json-stream.ts'
export {
  type AbortSignalLike,
  aBoolean,
  aCount,
  aFunction,
  aNumberFromZero,
  anObservable,
  aPositiveNumber,
  aRetry,
  aScheduler,
  aString,
  baseUrl,
  type CallOptions,
  type Check,
  type ClientOptions,
  type ConnectionOptions,
  checkOptions,
  connectionTable,
  type ErrorDetail,
  enumParam,
  type OptionTable,
} from './options.ts'
export {
  backoff,
  clampTimer,
  isTransient,
  longestTimer,
  type RetryOptions,
  retryPolicy,
} from './retry.ts'
export { elapsed } from './timeouts.ts'
export { type Chunk, type Head, type Headers, type HttpRequest, header, type Transport } from './transport.ts'
export { clip, describe, field, hasMethod, isObject, isPromise, textOf, typeName } from './values.ts'
