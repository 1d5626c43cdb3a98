/** Marks our errors in every realm and every copy of this package, where `instanceof` would not hold. */
const brand: unique symbol = Symbol.for('rxjobs/ApiError')

/** What every ApiError says of the request it is about: no query, no header, no credentials. */
export interface Asked {
  /** HTTP method. */
  readonly method: string
  /** Path below the service's base, as it was sent. */
  readonly path: string
  /** Which service: scheme, host and port. Absent where a stream, and no request, has failed. */
  readonly origin?: string | undefined
  /** The service's name for this exchange, where it gave one. */
  readonly correlationId?: string | undefined
  /** What the stream that this error ended had seen before, if anything. */
  readonly trail?: Trail | undefined
}

/** How many of which answers, in the order in which each first came: `{ queued: 3, running: 57, 'HttpError 503': 2 }`. */
export type Trail = Readonly<Record<string, number>>

const longest = 300

/**
 * A text of a service's as it may stand in a message, which ends in logs and terminals: on one line, without control
 * characters and those that turn the direction of writing, cut at 300 characters.
 */
const printable = (text: string): string => {
  const line = onOneLine(text)
  return line.length > longest ? `${line.slice(0, longest).replace(/[\ud800-\udbff]$/, '')}…` : line
}

const onOneLine = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')

const seen = (trail: Trail): string =>
  Object.entries(trail)
    .map(([what, times]) => `${times} × ${printable(what)}`)
    .join(', ')

/** What all error classes share: what was asked, and a JSON form that says it. Never thrown itself. */
export abstract class RequestError extends Error {
  abstract readonly _tag: string
  readonly method: string
  readonly path: string
  readonly origin: string | undefined
  readonly correlationId: string | undefined
  readonly trail: Trail | undefined

  /** @param what may hold a service's words; `advice` does not */
  constructor(asked: Asked, what: string, advice = '') {
    const where = asked.origin === undefined ? '' : ` at ${asked.origin}`
    const after = asked.trail === undefined ? '' : ` (after ${seen(asked.trail)})`
    // A source of somebody else's may make the path of what its service calls a job.
    super(`${asked.method} ${onOneLine(asked.path)}${where}: ${printable(what)}${advice}${after}`)
    this.method = asked.method
    this.path = asked.path
    this.origin = asked.origin
    this.correlationId = asked.correlationId
    this.trail = asked.trail
    Object.defineProperty(this, brand, { value: true })
  }

  /** Everything but the stack, so that a logged failure is never `{}`. */
  toJSON(): object {
    return { ...Object.fromEntries(Object.entries(this)), message: this.message }
  }
}

/** The tag of an error that carries our brand, from any realm and any copy of the package. */
export function tagOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !(brand in value) || !('_tag' in value)) return undefined
  return typeof value._tag === 'string' ? value._tag : undefined
}
