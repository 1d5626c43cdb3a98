import { type IncomingMessage, ServerResponse } from 'node:http'

type Written = (error: Error | null | undefined) => void

/** A response that counts the bytes of its body and can limit them. All routes send through it, tails included. */
export class MeteredResponse<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
  /** Bytes of the body handed to the socket so far, without head and chunk framing. */
  bodyBytes = 0
  #limit = Number.POSITIVE_INFINITY
  #holdsHead = false
  #silent = false
  #onLimit: (() => void) | undefined

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

  override flushHeaders(): void {
    if (this.#holdsHead) this.#breakOff(new Uint8Array())
    else super.flushHeaders()
  }

  override write(chunk: string | Uint8Array, second?: BufferEncoding | Written, third?: Written): boolean {
    const bytes = toBytes(chunk, second)
    if (!this.#admits(bytes)) return false
    const done = typeof second === 'function' ? second : third
    return done === undefined ? super.write(bytes) : super.write(bytes, done)
  }

  override end(
    first?: string | Uint8Array | (() => void),
    second?: BufferEncoding | (() => void),
    third?: () => void,
  ): this {
    const bytes = first === undefined || typeof first === 'function' ? new Uint8Array() : toBytes(first, second)
    if (!this.#admits(bytes)) return this
    const done = [first, second, third].find((part) => typeof part === 'function')
    if (bytes.length === 0) return done === undefined ? super.end() : super.end(done)
    return done === undefined ? super.end(bytes) : super.end(bytes, done)
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
