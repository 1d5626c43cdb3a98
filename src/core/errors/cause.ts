/** What is kept of a foreign error: words, never the object, which may hold a whole request with its headers. */
export interface Cause {
  readonly name: string
  readonly message: string
  /** Node's error code, such as `ECONNRESET`. */
  readonly code?: string
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : undefined
}

/**
 * Sums up an error that something else threw, with the causes below it (native fetch says only `fetch failed` at the
 * top; the reason is one or two levels down).
 */
export function causeOf(thrown: unknown, depth = 0): Cause {
  const below = field(thrown, 'cause') ?? field(field(thrown, 'errors'), '0')
  const inner = below !== undefined && depth < 4 ? causeOf(below, depth + 1) : undefined
  const own = text(field(thrown, 'message')) ?? text(thrown) ?? 'no reason given'
  const code = text(field(thrown, 'code')) ?? inner?.code
  return {
    name: text(field(thrown, 'name')) ?? 'Error',
    message: inner && !own.includes(inner.message) ? `${own}: ${inner.message}` : own,
    ...(code === undefined ? {} : { code }),
  }
}
