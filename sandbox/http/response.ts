import { type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http'

type Written = (error: Error | null | undefined) => void

/** A response that counts the bytes of its body and can limit them. All routes send through it, tails included. */
export class MeteredResponse<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
  /** Bytes of the body handed to the socket so far, without head and chunk framing. */
  bodyBytes = 0
  #limit = Number.POSITIVE_INFINITY
  #holdsHead = false
  #silent = false
  #onLimit: (() => void) | undefined
  #forced: Readonly<Record<string, string>> = {}
  #rewriting: { readonly rewrite: (body: Buffer) => Buffer; readonly parts: Uint8Array[] } | undefined

  /** Sends that many bytes of the body and drops the rest. Calls `onLimit` once, instead of sending the next byte. */
  limitBody(bytes: number, onLimit: () => void): void {
    this.#limit = bytes
    this.#onLimit = onLimit
  }

  /** Sends nothing, not even the head. Calls `onResponse` once, when there is a response to send. */
  holdBack(onResponse: () => void): void {
    this.#holdsHead = true
    this.limitBody(-1, onResponse)
  }

  /** Sends nothing more, not even the end. */
  fallSilent(): void {
    this.#silent = true
  }

  /** Sends these headers, whatever the service says. */
  forceHeaders(headers: Readonly<Record<string, string>>): void {
    this.#forced = { ...this.#forced, ...headers }
  }

  /** Holds the response until its body is complete, and sends what `rewrite` makes of it. */
  rewriteBody(rewrite: (body: Buffer) => Buffer): void {
    this.#rewriting = { rewrite, parts: [] }
  }

  override writeHead(
    status: number,
    reason?: string | OutgoingHttpHeaders | OutgoingHttpHeader[],
    headers?: OutgoingHttpHeaders | OutgoingHttpHeader[],
  ): this {
    const given = typeof reason === 'object' ? reason : headers
    for (const [name, value] of pairsOf(given)) if (value !== undefined) this.setHeader(name, value)
    for (const [name, value] of Object.entries(this.#forced)) this.setHeader(name, value)
    this.statusCode = status
    if (this.#rewriting !== undefined) return this
    return typeof reason === 'string' ? super.writeHead(status, reason) : super.writeHead(status)
  }

  override flushHeaders(): void {
    if (this.#rewriting !== undefined) return
    if (this.#holdsHead) this.#breakOff(new Uint8Array())
    else super.flushHeaders()
  }

  override write(chunk: string | Uint8Array, second?: BufferEncoding | Written, third?: Written): boolean {
    const bytes = toBytes(chunk, second)
    if (this.#rewriting !== undefined) {
      this.#rewriting.parts.push(bytes)
      return true
    }
    if (!this.#admits(bytes)) return false
    const done = typeof second === 'function' ? second : third
    return done === undefined ? super.write(bytes) : super.write(bytes, done)
  }

  override end(
    first?: string | Uint8Array | (() => void),
    second?: BufferEncoding | (() => void),
    third?: () => void,
  ): this {
    const last = first === undefined || typeof first === 'function' ? new Uint8Array() : toBytes(first, second)
    const bytes = this.#rewritten(last)
    if (!this.#admits(bytes)) return this
    const done = [first, second, third].find((part) => typeof part === 'function')
    if (bytes.length === 0) return done === undefined ? super.end() : super.end(done)
    return done === undefined ? super.end(bytes) : super.end(bytes, done)
  }

  #rewritten(last: Uint8Array): Uint8Array {
    const rewriting = this.#rewriting
    if (rewriting === undefined) return last
    this.#rewriting = undefined
    const body = rewriting.rewrite(Buffer.concat([...rewriting.parts, last]))
    this.removeHeader('Transfer-Encoding')
    if (this.statusCode !== 204) this.setHeader('Content-Length', body.length)
    this.writeHead(this.statusCode)
    return body
  }

  #admits(bytes: Uint8Array): boolean {
    if (this.#silent) return false
    if (this.bodyBytes + bytes.length <= this.#limit) {
      this.bodyBytes += bytes.length
      return true
    }
    this.#breakOff(bytes.subarray(0, Math.max(this.#limit - this.bodyBytes, 0)))
    return false
  }

  #breakOff(last: Uint8Array): void {
    const onLimit = this.#onLimit
    if (onLimit === undefined || this.#silent) return
    this.#silent = true
    this.bodyBytes += last.length
    if (this.#holdsHead) {
      onLimit()
      return
    }
    // The allowed bytes must be sent before `onLimit` touches the socket.
    if (last.length > 0) {
      super.write(last, () => onLimit())
    } else {
      super.flushHeaders()
      setImmediate(onLimit)
    }
  }
}

function toBytes(chunk: string | Uint8Array, second: unknown): Uint8Array {
  if (typeof chunk !== 'string') return chunk
  return Buffer.from(chunk, typeof second === 'string' && Buffer.isEncoding(second) ? second : 'utf8')
}

type Pair = readonly [name: string, value: OutgoingHttpHeader | undefined]

/** Headers in either form that Node takes; a list has names and values in turn. */
function pairsOf(headers: OutgoingHttpHeaders | OutgoingHttpHeader[] = {}): ReadonlyArray<Pair> {
  if (!Array.isArray(headers)) return Object.entries(headers)
  return headers.flatMap((name, index): Pair[] => (index % 2 === 0 ? [[String(name), headers[index + 1]]] : []))
}
