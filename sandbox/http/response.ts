import { type IncomingMessage, ServerResponse } from 'node:http'

type Written = (error: Error | null | undefined) => void

/**
 * A response that counts the bytes of its body and can be told how many may pass.
 * It sits below everything that answers, so that a limit holds for a JSON body and for an endless tail alike.
 */
export class MeteredResponse<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
  /** Bytes of the body handed to the socket so far, without head and chunk framing. */
  bodyBytes = 0
  #limit = Number.POSITIVE_INFINITY
  #holdsHead = false
  #silent = false
  #spent: (() => void) | undefined

  /** Lets that many bytes of the body pass, drops the rest, and calls once instead of sending the next byte. */
  limitBody(bytes: number, spent: () => void): void {
    this.#limit = bytes
    this.#spent = spent
  }

  /** Lets nothing pass, not even the head, and calls once when there is an answer to send. */
  holdBack(spent: () => void): void {
    this.#holdsHead = true
    this.limitBody(-1, spent)
  }

  /** Lets nothing more pass, not even the end. */
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
    const spent = this.#spent
    if (spent === undefined || this.#silent) return
    this.#silent = true
    this.bodyBytes += last.length
    if (this.#holdsHead) {
      spent()
      return
    }
    // What is allowed to pass must have left before whatever comes next is done to the socket.
    if (last.length > 0) {
      super.write(last, () => spent())
    } else {
      super.flushHeaders()
      setImmediate(spent)
    }
  }
}

function toBytes(chunk: string | Uint8Array, second: unknown): Uint8Array {
  if (typeof chunk !== 'string') return chunk
  return Buffer.from(chunk, typeof second === 'string' && Buffer.isEncoding(second) ? second : 'utf8')
}
