import { defer, type Observable, tap } from 'rxjs'
import type { Chunk, Head, Headers, Transport } from '../../core/index.ts'

// Some fetches join several Set-Cookie headers with commas. A comma in a date is not followed by `name=`.
const separator = /,(?=\s*[^\s;,=]+=)/

// Name and value. A server can neither fill the memory nor make requests larger than servers take: 4 KiB a cookie, 16 KiB together.
const pair = /^\s*([^\s;,=\x00-\x1f\x7f-\uffff]{1,99})=([ -:<-~]{0,4000}?)\s*(;|$)/
const maxTotalLength = 16_384
const maxReplaced = 10

// A shorter value opens no session, and taking it out would spoil texts that merely contain it.
const minSecretLength = 8

/**
 * The session and stickiness cookies of one origin: a cluster finds a task only with them.
 *
 * They are sent with every request to that origin and to no other one. Attributes are not looked at; a cookie that is set to an empty
 * value is removed.
 */
export class Cookies {
  readonly #origin: string
  readonly #values = new Map<string, string>()
  #replaced: ReadonlyArray<string> = []

  constructor(origin: string) {
    this.#origin = origin
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
    const cookies = headers.filter(([name]) => name.toLowerCase() === 'set-cookie')
    for (const cookie of cookies.flatMap(([, value]) => value.split(separator))) {
      const [, name, value] = pair.exec(cookie) ?? []
      if (name === undefined) continue
      this.#remove(name)
      if (value) this.#values.set(name, value)
    }
    for (const oldest of this.#values.keys()) {
      if ([...this.#values].join().length > maxTotalLength) this.#remove(oldest)
    }
  }

  #remove(name: string): void {
    const value = this.#values.get(name)
    if (value !== undefined) this.#replaced = [value, ...this.#replaced].slice(0, maxReplaced)
    this.#values.delete(name)
  }
}
