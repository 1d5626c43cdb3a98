import { defer, merge, mergeMap, type Observable, type SchedulerLike, Subject, take, tap, timer } from 'rxjs'
import type { Chunk, Head, Headers, HttpRequest, Transport } from '../../core/index.ts'

// Some fetches join several Set-Cookie headers with commas. A comma in a date is not followed by `name=`.
const separator = /,(?=\s*[^\s;,=]+=)/

// Name and value. A server can neither fill the memory nor make requests larger than servers take: 4 KiB a cookie, 16 KiB together.
const pair = /^\s*([^\s;,=\x00-\x1f\x7f-\uffff]{1,99})=([ -:<-~]{0,4000}?)\s*(;|$)/
const maxTotalLength = 16_384

// A shorter value opens no session, and taking it out would spoil texts that merely contain it.
const minSecretLength = 8
const maxRecent = 20

// For so many milliseconds the first request may keep the others waiting.
const longestWait = 5_000

/**
 * The session and stickiness cookies of one client's server: a cluster finds a task only with them.
 *
 * Attributes are not looked at; a cookie that is set to an empty value is removed. Until an answer came, requests go one by one: each of
 * several that are sent without a cookie could come to a node of its own, and only one node's cookie can be kept.
 */
export class Cookies {
  readonly #scheduler: SchedulerLike
  readonly #values = new Map<string, string>()
  #recent: ReadonlyArray<string> = []
  /** Whether an answer has shown which cookies the server sets, if any. */
  #isSettled = false
  /** While that is not known: emits when the request under way has its answer, or is given up. */
  #first: Subject<void> | undefined

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler
  }

  /** The values that must be in no error: current ones, and the last ones that were set, which late answers may show. */
  get secrets(): ReadonlyArray<string> {
    return [...this.#values.values(), ...this.#recent].filter((value) => value.length >= minSecretLength)
  }

  /** Sends a request with these cookies. */
  send(transport: Transport, request: HttpRequest): Observable<Head | Chunk> {
    const cookie = this.#header()
    return transport(cookie === '' ? request : { ...request, headers: [...request.headers, ['cookie', cookie]] })
  }

  /** As {@link send}, in turn, and takes the cookies of the answer. */
  exchange(transport: Transport, request: HttpRequest): Observable<Head | Chunk> {
    return defer(() => {
      const before = this.#first
      if (before !== undefined) {
        const tooLong = timer(longestWait, this.#scheduler).pipe(tap(() => this.#passOn(before)))
        return merge(before, tooLong).pipe(
          take(1),
          mergeMap(() => this.exchange(transport, request)),
        )
      }
      const own = new Subject<void>()
      if (!this.#isSettled) this.#first = own
      const cookie = this.#header()
      return this.send(transport, request).pipe(
        tap({
          next: (part) => {
            if ('bytes' in part) return
            // Where others came in between, this one's are those of another node.
            if (cookie === this.#header()) this.#keep(part.headers)
            this.#isSettled ||= part.status < 500
            this.#passOn(own)
          },
          finalize: () => this.#passOn(own),
        }),
      )
    })
  }

  #passOn(first: Subject<void>): void {
    if (this.#first !== first) return
    this.#first = undefined
    first.next()
  }

  #header(): string {
    return [...this.#values].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  #keep(headers: Headers): void {
    const cookies = headers.filter(([name]) => name.toLowerCase() === 'set-cookie')
    for (const cookie of cookies.flatMap(([, value]) => value.split(separator))) {
      const [, name = '', value = ''] = pair.exec(cookie) ?? []
      this.#values.delete(name)
      // An empty value removes a cookie.
      if (value) this.#values.set(name, value)
      this.#recent = [value, ...this.#recent].slice(0, maxRecent)
    }
    for (const oldest of this.#values.keys()) if (this.#header().length > maxTotalLength) this.#values.delete(oldest)
  }
}
