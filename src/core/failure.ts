import { type BodyDecoder, DecodeFailure, misfit, TextBody, tryParse } from './body-decoder.ts'
import { causeOf, DecodeError, HttpError, type RequestDescription } from './errors.ts'
import { type ClientOptions, clip, type ErrorDetail } from './options.ts'
import { retryAfter } from './retry.ts'
import { type Head, type Headers, header } from './transport.ts'

/** As much of an error body, or of a token's, as is kept, in bytes. */
export const maxErrorBytes = 65_536

// So much more of it is read, so that no secret is cut in two before it is taken out.
const overlap = 8_192

/** What a body without the service's envelope says, for the error's message. */
export function describeBody({ status, headers }: Head, body: string): string | undefined {
  const where = header(headers, 'location')?.split(/[?#]/)[0]
  // Browsers tell no more of a redirect than that it is one.
  if (status === 0 || (status >= 300 && status < 400 && where)) {
    return `redirected${where ? ` to ${where}` : ''}, which is not followed with a key; give the final address`
  }
  if (/^\s*</.test(body))
    return 'a web page answered, not the API: is the address right, is a login or proxy before it?'
  return clip(body.trim().split('\n', 1)[0] ?? '', 200) || undefined
}

/** What is needed to make errors of a response. */
export interface FailureContext {
  readonly options: ClientOptions
  readonly description: RequestDescription
  /** Takes secrets out of a text. */
  clean(text: string): string
}

const correlationIn = (head: Head | undefined, { correlationHeader }: ClientOptions): string | undefined =>
  head && correlationHeader ? header(head.headers, correlationHeader) : undefined

/** What the service's own reader of error bodies says; one that throws has nothing to say. */
function detailOf(body: unknown, headers: Headers, { errorDetail }: ClientOptions): ErrorDetail | undefined {
  try {
    return errorDetail?.(body, headers)
  } catch {
    return undefined
  }
}

function httpError(context: FailureContext, head: Head, sent: string, now: number): HttpError {
  const { options, description } = context
  const { status, headers } = head
  const body = context.clean(sent).slice(0, maxErrorBytes)
  const parsed = tryParse(body)
  const found = detailOf(parsed, headers, options)
  const cleaned = <A>(value: A): A | string => (typeof value === 'string' ? context.clean(value) : value)
  return new HttpError({
    ...description,
    status,
    code: cleaned(found?.code),
    detail: cleaned(found?.detail ?? describeBody(head, body)),
    advice: cleaned(found?.advice),
    correlationId: cleaned(correlationIn(head, options) ?? found?.correlationId),
    retryAfter: retryAfter(headers, now),
    missing: status !== 404 ? undefined : options.errorDetail && !found ? 'endpoint' : 'object',
    body: parsed ?? body,
  })
}

/**
 * Reads the body of a response that is no success, and throws it as an HttpError: at its end, or when enough of it was read.
 *
 * @param now milliseconds since the epoch, from the scheduler
 */
export const errorBody = (context: FailureContext, now: number): BodyDecoder<never> => ({
  streaming: false,
  start: (head) =>
    new TextBody(maxErrorBytes + overlap, (body) => {
      throw httpError(context, head, body, now)
    }),
})

/** The DecodeError for what a decoder threw; anything but a DecodeFailure is a fault in the decoder. */
export function decodeError(context: FailureContext, head: Head | undefined, thrown: unknown): DecodeError {
  const { name, message } = causeOf(thrown)
  const { issues } =
    thrown instanceof DecodeFailure ? thrown : misfit('what its decoder can read', `${name}: ${message}`)
  const id = correlationIn(head, context.options)
  return new DecodeError({
    ...context.description,
    correlationId: id && context.clean(id),
    issues: issues.map(({ path, expected, actual }) => ({
      path: clip(context.clean(path), 300),
      expected,
      actual: clip(context.clean(actual)),
    })),
  })
}
