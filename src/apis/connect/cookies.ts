import { defer, type Observable, tap } from 'rxjs'
import type { Chunk, Head, Headers, Transport } from '../../core/index.ts'

// A server can neither fill the memory nor make requests larger than servers take: 4 KiB a cookie, 16 KiB together.
const maxCookieLength = 4_096
const maxTotalLength = 16_384
const maxReplaced = 10

// A shorter value opens no session, and taking it out would spoil texts that merely contain it.
const minSecretLength = 8

// Some fetches join several Set-Cookie headers with commas. A comma in a date is not followed by `name=`.
const separator = /,(?=\s*[^\s;,=]+=)/
const validPair = /^[^\s;,=\x00-\x1f\x7f-\uffff]+=[\x20-\x7e]*$/

/** True for a cookie that is to be removed. Max-Age wins over Expires. */
function isExpired(attributes: ReadonlyArray<string>, now: number): boolean {
  const valueOf = (name: string): string | undefined =>
    attributes.find((attribute) => attribute.toLowerCase().startsWith(name))?.slice(name.length)
  const maxAge = valueOf('max-age=')
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0
  return Date.parse(valueOf('expires=') ?? '') <= now
}

/**
 * The session and stickiness cookies of one origin: a cluster finds a task only with them.
 *
 * They are sent with every request to that origin and to no other one. Path, Domain and lifetimes are not looked at, except that an
 * expired cookie is removed.
 */
export class Cookies {
  readonly #origin: string
  readonly #now: () => number
  readonly #values = new Map<string, string>()
  #replaced: ReadonlyArray<string> = []

  /**
   * @param origin of the server
   * @param now milliseconds since the epoch
   */
  constructor(origin: string, now: () => number) {
    this.#origin = origin
    this.#now = now
  }

  /** The values that must be in no error: current ones, and the last ones that were replaced, which late answers may show. */
  get secrets(): ReadonlyArray<string> {
    return [...this.#values.values(), ...this.#replaced].filter((value) => value.length >= minSecretLength)
  }

  /** The same transport with these cookies on its requests; `keep` also takes the cookies of its answers. */
  attach(transport: Transport, keep: boolean): Transport {
    return (request): Observable<Head | Chunk> =>
      defer(() => {
        if (new URL(request.url).origin !== this.#origin) return transport(request)
        const cookie = [...this.#values].map(([name, value]) => `${name}=${value}`).join('; ')
        const headers: Headers = cookie === '' ? request.headers : [...request.headers, ['cookie', cookie]]
        const answer = transport({ ...request, headers })
        return keep ? answer.pipe(tap((part) => 'headers' in part && this.#keep(part.headers))) : answer
      })
  }

  #keep(headers: Headers): void {
    for (const [name, value] of headers) {
      if (name.toLowerCase() === 'set-cookie') for (const cookie of value.split(separator)) this.#set(cookie)
    }
  }

  #set(cookie: string): void {
    const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim())
    if (!validPair.test(pair) || pair.length > maxCookieLength) return
    const name = pair.slice(0, pair.indexOf('='))
    this.#remove(name)
    if (!isExpired(attributes, this.#now())) this.#values.set(name, pair.slice(name.length + 1))
    for (const oldest of this.#values.keys()) {
      if ([...this.#values].join().length <= maxTotalLength) return
      this.#remove(oldest)
    }
  }

  #remove(name: string): void {
    const value = this.#values.get(name)
    this.#values.delete(name)
    if (value !== undefined && !this.#replaced.includes(value)) {
      this.#replaced = [value, ...this.#replaced].slice(0, maxReplaced)
    }
  }
}
