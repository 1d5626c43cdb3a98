import { asyncScheduler, defer, tap } from 'rxjs'
import {
  type Auth,
  baseUrl,
  type Client,
  client,
  fetchTransport,
  fixedHeader,
  type Transport,
} from '../../core/index.ts'
import { CookieJar } from './cookie-jar.ts'
import { errorDetail } from './error-body.ts'
import type { ConnectOptions } from './options.ts'

/** One server with one key and one set of cookies, seen from its API and from where its visitors go. */
export interface Session {
  /** Paths below `/__api__`. */
  readonly api: Client
  /** Paths below the server's own address. */
  readonly site: Client
}

/** Begins a session: nothing is sent by that. */
export function session(options: ConnectOptions): Session {
  const { scheduler = asyncScheduler, cookies = true, apiKey } = options
  const server = baseUrl('server', options.server, options.allowHttp).replace(/\/__api__$/, '')
  const transport = options.transport ?? fetchTransport(options.fetch)
  const jar = new CookieJar(server, () => scheduler.now())
  const all = { ...options, auth: guarding(jar, fixedHeader('Key', 'apiKey', apiKey)), errorDetail }
  const sending = cookies ? sendingCookies(transport, jar) : transport
  const keeping = cookies ? keepingCookies(sending, jar) : transport
  return {
    api: client({ ...all, transport: keeping, baseUrl: `${server}/__api__` }),
    // What answers there is the content of whoever published it: its cookies are not the session's.
    site: client({ ...all, transport: sending, baseUrl: server }),
  }
}

/** Sends the jar's cookies along. */
function sendingCookies(transport: Transport, jar: CookieJar): Transport {
  return (request) =>
    defer(() => {
      const cookie = jar.headerFor(request.url)
      const { headers } = request
      return transport(cookie === undefined ? request : { ...request, headers: [...headers, ['cookie', cookie]] })
    })
}

/** Keeps the cookies that come back. */
function keepingCookies(transport: Transport, jar: CookieJar): Transport {
  return (request) =>
    transport(request).pipe(
      tap((part) => {
        if (!('bytes' in part)) jar.keep(request.url, part.headers)
      }),
    )
}

// A shorter value tells nothing of a session, and taking it out would spoil texts that merely hold it.
const shortestSecret = 8

/** Cookies are secrets like the key: no text that a service sends back may show them. */
function guarding(jar: CookieJar, auth: Auth): Auth {
  return (context) => {
    const authorizer = auth(context)
    const cookies = (): ReadonlyArray<string> => jar.values.filter(({ length }) => length >= shortestSecret)
    return { ...authorizer, secrets: () => [...authorizer.secrets(), ...cookies()] }
  }
}
