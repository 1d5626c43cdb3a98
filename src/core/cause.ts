import { field, textOf } from './values.ts'

/** What is kept of a foreign error: its texts, never the object, which may hold a request with its headers. */
export interface Cause {
  readonly name: string
  readonly message: string
  /** Node's error code, such as `ECONNRESET`. */
  readonly code?: string
}

/**
 * Sums up an error that something else threw, with the causes below it: the platform's fetch says only `fetch failed` at the
 * top, and the reason is one or two levels down.
 */
export function causeOf(thrown: unknown, depth = 0): Cause {
  const below = field(thrown, 'cause') ?? field(field(thrown, 'errors'), '0')
  const inner = below !== undefined && depth < 4 ? causeOf(below, depth + 1) : undefined
  const own = textOf(field(thrown, 'message')) ?? textOf(thrown) ?? 'no reason given'
  const code = textOf(field(thrown, 'code')) ?? inner?.code
  return {
    name: textOf(field(thrown, 'name')) ?? 'Error',
    message: inner && !own.includes(inner.message) ? `${own}: ${inner.message}` : own,
    ...(code === undefined ? {} : { code }),
  }
}

// Codes of Node and Bun, messages of undici and node-fetch.
const lost = /ECONNRESET|EPIPE|UND_ERR_SOCKET|socket hang up|other side closed|closed unexpectedly/

/** True where a connection ended before the response began. */
export const isLostConnection = ({ code, message }: Cause): boolean => lost.test(`${code} ${message}`)

/** What a failure of the network means. */
interface Meaning {
  readonly of: RegExp
  readonly advice: string
  /** How often it is tried in a row. Default: once. */
  readonly tries?: number
  /** Whether the request may have been sent all the same. */
  readonly mayBeSent?: boolean
}

const untrusted =
  'the certificate is not trusted: give Node the one of its authority in NODE_EXTRA_CA_CERTS, Deno in DENO_CERT; one that expired has to be renewed'

// Codes of Node and Bun, messages of Deno and of browsers. The first that fits counts.
const meanings: ReadonlyArray<Meaning> = [
  { of: / auth failed: /, advice: "the error is of the client's auth" },
  { of: /ALTNAME|NotValidForName/, advice: 'the certificate is for another host: is the address right?' },
  { of: /certificate|CERT_|_CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/, advice: untrusted },
  { of: /wrong.version|InvalidContent|ERR_TLS/i, advice: 'this port does not speak https: is the address right?' },
  { of: /NotCapable|PermissionDenied|ERR_ACCESS/, advice: 'the runtime does not permit it: run it with --allow-net' },
  { of: /ERR_INVALID|Invalid URL|bad port/i, advice: 'is the address right?' },
  // The platform's fetch hides a 407, on Node without a word.
  { of: /proxy auth|fetch failed: no reason/i, advice: 'a proxy wants a login, or a web page answered' },
  { of: /ENOTFOUND|dns error|lookup address/, advice: 'no such host: is the address right?', tries: 3 },
  {
    of: /(ECONN|connection ?)refused|Unable to connect/i,
    advice: 'nothing listens there: is the address right, the server up?',
    tries: Infinity,
  },
  {
    of: /to fetch|Load failed/,
    advice: 'is the server up, and does it allow this page (CORS)?',
    tries: Infinity,
    mayBeSent: true,
  },
]

/** What a failure of the network means, where that is known. */
export function meaningOf({ name, code, message }: Cause): Meaning | undefined {
  const text = `${name} ${code} ${message}`
  const found = meanings.find(({ of }) => of.test(text))
  return found && { tries: 1, ...found }
}
