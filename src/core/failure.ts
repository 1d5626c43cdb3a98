import type { TimestampProvider } from 'rxjs'
import { type BodyDecoding, DecodeFailure, misfit, pageIn, textBody, tryParse } from './body-decoder.ts'
import { causeOf, meaningOf } from './cause.ts'
import {
  DecodeError,
  HttpError,
  isRequestError,
  NetworkError,
  type RequestDescription,
  type RequestError,
} from './errors.ts'
import type { ClientOptions } from './options.ts'
import { retryAfter } from './retry.ts'
import { type Head, header } from './transport.ts'
import { clip, tryTo } from './values.ts'

/** As much of an error body, or of a token's, as is kept, in bytes. */
export const maxErrorBytes = 65_536

/** What a body without the service's envelope says, for the error's message. */
export function describeBody({ status, headers }: Head, body: string): string | undefined {
  const where = header(headers, 'location')?.split(/[?#]/)[0]
  // Browsers tell no more of a redirect than that it is one.
  if (status === 0 || (status >= 300 && status < 400 && where)) {
    return `redirected${where ? ` to ${where}` : ''}, which is not followed with a key; give the final address`
  }
  return (pageIn(body) ?? clip(body.trim().split('\n', 1)[0] ?? '', 200)) || undefined
}

/** What the errors of a call say of it. */
export interface DescribedCall {
  readonly context: { readonly options: ClientOptions }
  readonly description: RequestDescription
  readonly permission?: string | undefined
  /** The advice where no answer came. */
  readonly unanswered?: string | undefined
}

/** A request that failed, with what is known of its response. */
export interface Failed {
  readonly call: DescribedCall
  readonly head: Head | undefined
  /** Takes the request's secrets out of a text. */
  readonly clean: (text: string) => string
}

function correlationIn({ call, head, clean }: Failed): string | undefined {
  const { correlationHeader } = call.context.options
  const id = head && correlationHeader ? header(head.headers, correlationHeader) : undefined
  return id && clean(id)
}

const allOf = (...advice: ReadonlyArray<string | false | undefined>): string | undefined =>
  advice.filter(Boolean).join('; ') || undefined

function httpError(failed: Failed, head: Head, sent: string, now: number): HttpError {
  const { context, description, permission, unanswered } = failed.call
  const { errorDetail } = context.options
  const { status, headers } = head
  const body = failed.clean(sent).slice(0, maxErrorBytes)
  const parsed = tryParse(body)
  // An errorDetail that throws gives no detail.
  const found = tryTo(() => errorDetail?.(parsed, headers))
  const needed = status === 403 && permission && `it needs the permission ${permission}`
  const cleaned = <A>(value: A): A | string => (typeof value === 'string' ? failed.clean(value) : value)
  return new HttpError({
    ...description,
    status,
    code: cleaned(found?.code),
    detail: cleaned(found?.detail ?? describeBody(head, body)),
    advice: allOf(cleaned(found?.advice), needed, (status === 502 || status === 504) && unanswered),
    correlationId: correlationIn(failed) ?? cleaned(found?.correlationId),
    retryAfter: retryAfter(headers, now),
    missing: status !== 404 ? undefined : errorDetail && !found ? 'endpoint' : 'object',
    body: parsed ?? body,
  })
}

// So much more of an error body is read than is kept, so that no secret is cut in two before it is taken out.
const overlap = 8_192

/** Reads the body of a response that is no success, and throws it as an HttpError: at its end, or when enough of it was read. */
export const errorBody = (failed: Failed, head: Head, scheduler: TimestampProvider): BodyDecoding<never> =>
  textBody(maxErrorBytes + overlap, (body) => {
    throw httpError(failed, head, body, scheduler.now())
  })

/** The error for what a decoder threw; anything but a DecodeFailure is a fault in the decoder. */
export function decodeError(failed: Failed, thrown: unknown): RequestError {
  if (isRequestError(thrown)) return thrown
  const { name, message } = causeOf(thrown)
  const fault = thrown instanceof DecodeFailure ? thrown : misfit('what its decoder can read', `${name}: ${message}`)
  const issues = fault.issues.map(({ path, expected, actual }) => {
    return { path: clip(failed.clean(path), 300), expected, actual: clip(failed.clean(actual)) }
  })
  return new DecodeError({ ...failed.call.description, correlationId: correlationIn(failed), issues })
}

/** The error for what a transport, an Auth or a signal threw. */
export function networkError({ call, clean }: Failed, thrown: unknown, prefix = ''): RequestError {
  if (isRequestError(thrown)) return thrown
  const { name, message, code } = causeOf(thrown)
  const cause = { name, message: clean(prefix + message), ...(code && { code: clean(code) }) }
  const { advice, mayBeSent = false } = meaningOf(cause) ?? { mayBeSent: prefix === '' }
  return new NetworkError({ ...call.description, cause, advice: allOf(advice, mayBeSent && call.unanswered) })
}
