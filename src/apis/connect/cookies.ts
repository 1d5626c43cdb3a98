import { defer, map, type Observable, tap } from 'rxjs'
import {
  type Chunk,
  type Client,
  field,
  type Head,
  type Headers,
  type HttpRequest,
  pathParam,
  type Transport,
} from '../../core/index.ts'

/** Cookies by name. */
type Jar = ReadonlyMap<string, string>

// Some fetches join several Set-Cookie headers with commas. A comma in a date is not followed by `name=`.
const separator = /,(?=\s*[^\s;,=]+=)/

// Name and value. A server can neither fill the memory nor make requests larger than servers take: 4 KiB a cookie, 16 KiB together.
const pair = /^\s*([^\s;,=\x00-\x1f\x7f-\uffff]{1,99})=([ -:<-~]{0,4000}?)\s*(;|$)/
const maxTotalLength = 16_384

// A shorter value opens no session, and taking it out would spoil texts that merely contain it.
const minSecretLength = 8
const maxSecrets = 100

// Of older tasks the cookies are forgotten: they are read with the client's.
const maxTasks = 1_000

const starts = /\/(deploy|build|render)$/

const headerOf = (jar: Jar): string => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')

/**
 * The session and stickiness cookies of one client's server. Attributes are not looked at; a cookie that is set to an empty value is
 * removed.
 *
 * A cluster finds a task only with the cookies of the answer that started it: each task keeps those, whatever other answers set.
 */
export class Cookies {
  #jar: Jar = new Map()
  /** The cookies after an answer, by its headers. */
  readonly #after = new WeakMap<Headers, Jar>()
  /** By the task's id as it is in an address. */
  readonly #tasks = new Map<string | undefined, Jar>()
  #recent: ReadonlyArray<string> = []

  /** The values that must be in no error: current ones, and the last ones that were set or sent for a task, which late answers may show. */
  get secrets(): ReadonlyArray<string> {
    return [...this.#jar.values(), ...this.#recent].filter((value) => value.length >= minSecretLength)
  }

  /** Sends a request with these cookies. */
  send(transport: Transport, request: HttpRequest, jar: Jar = this.#jar): Observable<Head | Chunk> {
    return transport(
      jar.size === 0 ? request : { ...request, headers: [...request.headers, ['cookie', headerOf(jar)]] },
    )
  }

  /** As {@link send}, a task with its own cookies, and takes the cookies of the answer. */
  exchange(transport: Transport, request: HttpRequest): Observable<Head | Chunk> {
    return defer(() => {
      const own = this.#tasks.get(/\/v1\/tasks\/([^/?]+)/.exec(request.url)?.[1])
      const sent = own ?? this.#jar
      if (own) this.#remember(own.values())
      const take = (part: Head | Chunk): void => {
        if ('bytes' in part) return
        const jar = this.#with(sent, part.headers)
        this.#after.set(part.headers, jar)
        // Where others came in between, this answer's may be those of another node.
        if (!own && sent === this.#jar) this.#jar = jar
      }
      return this.send(transport, request, sent).pipe(tap(take))
    })
  }

  /** A client of the API of this client's server; a task that it starts keeps the cookies of the answer. */
  apiOf({ run, runWithResponse }: Client): Client {
    const below = <E extends { readonly path: string }>(endpoint: E): E => ({
      ...endpoint,
      path: `/__api__${endpoint.path}`,
    })
    const answered: Client['runWithResponse'] = (endpoint, params, options) => {
      const responses = runWithResponse(below(endpoint), params, options)
      return starts.test(endpoint.path) ? responses.pipe(tap((response) => this.#keep(response))) : responses
    }
    return {
      run: (endpoint, params, options) =>
        starts.test(endpoint.path)
          ? answered(endpoint, params, options).pipe(map(({ value }) => value))
          : run(below(endpoint), params, options),
      runWithResponse: answered,
    }
  }

  #keep({ headers, value }: { readonly headers: Headers; readonly value: unknown }): void {
    const jar = this.#after.get(headers)
    const id = field(value, 'task_id')
    if (typeof id !== 'string' || pathParam(id) !== undefined || !jar?.size) return
    this.#tasks.set(encodeURIComponent(id), jar)
    for (const oldest of this.#tasks.keys()) if (this.#tasks.size > maxTasks) this.#tasks.delete(oldest)
  }

  /** Notes values that answers may show. */
  #remember(values: Iterable<string>): void {
    this.#recent = [...new Set([...values, ...this.#recent])].slice(0, maxSecrets)
  }

  /** A jar with the cookies that those headers set. */
  #with(before: Jar, headers: Headers): Jar {
    const cookies = headers.filter(([name]) => name.toLowerCase() === 'set-cookie')
    if (cookies.length === 0) return before
    const jar = new Map(before)
    for (const cookie of cookies.flatMap(([, value]) => value.split(separator))) {
      const [, name = '', value = ''] = pair.exec(cookie) ?? []
      jar.delete(name)
      // An empty value removes a cookie.
      if (value) jar.set(name, value)
      this.#remember([value])
    }
    for (const oldest of jar.keys()) if (headerOf(jar).length > maxTotalLength) jar.delete(oldest)
    return jar
  }
}
