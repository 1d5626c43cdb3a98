import type { Headers } from '../../core/index.ts'
import { parseSetCookie, type SetCookie } from './set-cookie.ts'

interface Kept extends SetCookie {
  readonly path: string
}

// More than any session needs, so that a server cannot fill the memory; and no more characters of them than servers take
// in the headers of a request.
const most = 50
const mostLength = 16_384

// Of those that others took the place of: answers to requests that were sent with them may show them.
const mostGone = 10

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
  #gone: ReadonlyArray<string> = []

  /**
   * @param server the server's address
   * @param now milliseconds since the epoch
   */
  constructor(server: string, now: () => number) {
    this.#server = new URL(server)
    this.#now = now
  }

  /** What the cookies hold, and what the last ones held that are gone: whoever has it has the session. */
  get values(): ReadonlyArray<string> {
    return [...[...this.#kept.values()].map(({ value }) => value), ...this.#gone]
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
    const set = headers.filter(([name]) => name.toLowerCase() === 'set-cookie')
    const cookies = set.flatMap(([, value]) => parseSetCookie(value, now))
    if (cookies.length === 0) return
    const before = [...this.#kept.values()]
    for (const cookie of cookies) this.#take(cookie, url, now)
    const left = new Set([...this.#kept.values()].map(({ value }) => value))
    const gone = before.map(({ value }) => value).filter((value) => !left.has(value))
    this.#gone = [...new Set([...gone, ...this.#gone])].slice(0, mostGone)
  }

  #take(cookie: SetCookie, url: URL, now: number): void {
    const { domain, expires, name, path = folderOf(url.pathname) } = cookie
    if (domain !== undefined && url.hostname !== domain && !url.hostname.endsWith(`.${domain}`)) return
    const key = `${name};${path}`
    this.#kept.delete(key)
    if (expires !== undefined && expires <= now) return
    this.#kept.set(key, { ...cookie, path })
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= most && this.#length <= mostLength) return
      this.#kept.delete(oldest)
    }
  }

  get #length(): number {
    return [...this.#kept.values()].reduce((sum, { name, value }) => sum + name.length + value.length, 0)
  }

  #inScope(address: string): URL | undefined {
    const url = new URL(address)
    const { origin, pathname } = this.#server
    return url.origin === origin && covers(pathname, url.pathname) ? url : undefined
  }
}
