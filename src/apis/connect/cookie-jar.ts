import type { Headers } from '../../core/index.ts'
import { parseSetCookie, type SetCookie } from './set-cookie.ts'

interface Kept extends SetCookie {
  readonly path: string
}

// More than any session needs, so that a server cannot fill the memory.
const most = 50

/** Whether a cookie's path covers a request's (RFC 6265, 5.1.4). */
const covers = (path: string, asked: string): boolean =>
  asked === path || (asked.startsWith(path) && (path.endsWith('/') || asked.charAt(path.length) === '/'))

/** The path of a cookie that names none: the folder of what was asked for. */
const folderOf = (asked: string): string => asked.slice(0, Math.max(1, asked.lastIndexOf('/')))

/**
 * The cookies of one client at one server, as RFC 6265 has them, and nothing else: none is taken from, or given to,
 * what is not of the server's origin and below its path.
 */
export class CookieJar {
  readonly #server: URL
  readonly #now: () => number
  readonly #kept = new Map<string, Kept>()

  /**
   * @param server the server's address
   * @param now milliseconds since the epoch
   */
  constructor(server: string, now: () => number) {
    this.#server = new URL(server)
    this.#now = now
  }

  /** What the cookies hold: whoever has it has the session. */
  get values(): ReadonlyArray<string> {
    return [...this.#kept.values()].map(({ value }) => value)
  }

  /** The Cookie header for a request, or undefined where there is none to send. The longer paths come first. */
  headerFor(address: string): string | undefined {
    const url = this.#inScope(address)
    if (url === undefined) return undefined
    const now = this.#now()
    const cookies = [...this.#kept.values()]
      .filter(({ path, secure }) => covers(path, url.pathname) && (!secure || url.protocol === 'https:'))
      .filter(({ expires }) => expires === undefined || expires > now)
      .sort((one, other) => other.path.length - one.path.length)
    return cookies.length === 0 ? undefined : cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  }

  /** Takes the cookies that an answer sets. */
  keep(address: string, headers: Headers): void {
    const url = this.#inScope(address)
    if (url === undefined) return
    const now = this.#now()
    for (const [name, value] of headers) {
      if (name.toLowerCase() !== 'set-cookie') continue
      for (const cookie of parseSetCookie(value, now)) this.#take(cookie, url, now)
    }
  }

  #take(cookie: SetCookie, url: URL, now: number): void {
    const { domain, expires, name, path = folderOf(url.pathname) } = cookie
    if (domain !== undefined && url.hostname !== domain && !url.hostname.endsWith(`.${domain}`)) return
    const key = `${name};${path}`
    this.#kept.delete(key)
    if (expires !== undefined && expires <= now) return
    this.#kept.set(key, { ...cookie, path })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > most && oldest !== undefined) this.#kept.delete(oldest)
  }

  #inScope(address: string): URL | undefined {
    const url = new URL(address)
    const { origin, pathname } = this.#server
    return url.origin === origin && covers(pathname, url.pathname) ? url : undefined
  }
}
