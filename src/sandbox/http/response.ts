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
  #spent: (() => void) | undefined

  /** Lets that many bytes of the body pass, drops the rest, and calls once when the first byte is dropped. */
  limitBody(bytes: number, spent: () => void): void {
    this.#limit = bytes
    this.#spent = spent
  }

  override write(chunk: string | Uint8Array, second?: BufferEncoding | Written, third?: Written): boolean {
    const done = typeof second === 'function' ? second : third
    const bytes = toBytes(chunk, second)
    const room = this.#limit - this.bodyBytes
    if (bytes.length <= room) {
      this.bodyBytes += bytes.length
      return done === undefined ? super.write(bytes) : super.write(bytes, done)
    }
    this.#cutAt(bytes.subarray(0, Math.max(room, 0)))
    return false
  }

  override end(
    first?: string | Uint8Array | (() => void),
    second?: BufferEncoding | (() => void),
    third?: () => void,
  ): this {
    const chunk = typeof first === 'function' ? undefined : first
    const done = [first, second, third].find((part) => typeof part === 'function')
    if (chunk !== undefined) {
      const bytes = toBytes(chunk, second)
      const room = this.#limit - this.bodyBytes
      if (bytes.length > room) {
        this.#cutAt(bytes.subarray(0, Math.max(room, 0)))
        return this
      }
      this.bodyBytes += bytes.length
      return done === undefined ? super.end(bytes) : super.end(bytes, done)
    }
    return done === undefined ? super.end() : super.end(done)
  }

  #cutAt(last: Uint8Array): void {
    const spent = this.#spent
    this.#spent = undefined
    if (spent === undefined) return
    this.bodyBytes += last.length
    // What is allowed to pass must have left before whatever comes next is done to the socket.
    if (last.length > 0) super.write(last, () => spent())
    else spent()
  }
}

function toBytes(chunk: string | Uint8Array, encoding: unknown): Uint8Array {
  if (typeof chunk !== 'string') return chunk
  return Buffer.from(chunk, typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8')
}
