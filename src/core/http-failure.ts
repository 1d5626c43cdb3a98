import type { ClientOptions, ErrorDetail } from './client-options.ts'
import { type Asked, HttpError } from './errors/index.ts'
import { retryAfter } from './retry-after.ts'
import { type Head, type Headers, header } from './transport.ts'

/** As much of an error body as is read, in bytes. */
export const errorBodyBytes = 65_536

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

// Nothing that a service says is as deep; JSON.stringify of an error's body must not overflow the stack.
const deepest = 50

const isDeep = (value: unknown, room = deepest): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (room === 0 || Object.values(value).some((one) => isDeep(one, room - 1)))

/** What the service's own reader of error bodies says; one that fails on a body it did not expect has nothing to say. */
function detailOf(body: unknown, headers: Headers, { errorDetail }: ClientOptions): ErrorDetail | undefined {
  try {
    return errorDetail?.(body, headers)
  } catch {
    return undefined
  }
}

const notFollowed = 'which is not followed with a key; give the final address'

/** The kind of thing a body without the service's envelope is, for the error's words. */
function describe({ status, headers }: Head, body: string): string | undefined {
  // Browsers tell no more of a redirect than that it is one.
  if (status === 0) return `redirected, ${notFollowed}`
  const location = header(headers, 'location')
  if (status >= 300 && status < 400 && location !== undefined) {
    return `redirected to ${location.split('?')[0]}, ${notFollowed}`
  }
  const line = body.trim().split('\n', 1)[0] ?? ''
  return line === '' || line.startsWith('<') ? undefined : line.slice(0, 200)
}

/**
 * The HttpError for an answer that is no success.
 *
 * @param clean takes our secrets out. Of the headers only what is taken from them goes through it: there may be thousands.
 */
export function httpFailure(
  asked: Asked,
  head: Head,
  sent: string,
  now: number,
  options: ClientOptions,
  clean: (text: string) => string,
): HttpError {
  const body = clean(sent)
  const words = (text: string | undefined): string | undefined => (text === undefined ? undefined : clean(text))
  const { correlationHeader, errorDetail } = options
  const { status, headers } = head
  const parsed = parse(body)
  const said = detailOf(parsed, headers, options)
  const lacks = errorDetail !== undefined && said === undefined
  return new HttpError({
    ...asked,
    status,
    code: typeof said?.code === 'string' ? clean(said.code) : said?.code,
    detail: words(said?.detail ?? describe(head, body)),
    advice: words(said?.advice),
    correlationId: words(
      (correlationHeader === undefined ? undefined : header(headers, correlationHeader)) ?? said?.correlationId,
    ),
    retryAfter: retryAfter(headers, now),
    missing: status === 404 ? (lacks ? 'endpoint' : 'object') : undefined,
    body: parsed === undefined || isDeep(parsed) ? body : parsed,
  })
}
