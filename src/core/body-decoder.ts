import type * as t from 'io-ts'
import { explain } from './codec.ts'
import type { Issue } from './errors.ts'
import { describe } from './options.ts'
import type { Head } from './transport.ts'

/** Thrown by a decoder for a body that does not fit; the client makes it a DecodeError that names the request. */
export class DecodeFailure extends Error {
  readonly issues: ReadonlyArray<Issue>

  constructor(issues: ReadonlyArray<Issue>) {
    super('the body does not fit')
    this.issues = issues
  }
}

/** The bounds of what is read. */
export interface DecoderLimits {
  readonly maxBodyBytes: number
  readonly maxLineLength: number
}

/** The decoding of one body. What it throws should be a {@link DecodeFailure}. */
export interface BodyDecoding<A> {
  /** The values that there are as soon as the head has come. */
  readonly first?: ReadonlyArray<A>
  /** The values that are complete with these bytes. */
  push(bytes: Uint8Array): ReadonlyArray<A>
  /** What is left when the body ended in good order. */
  end(): ReadonlyArray<A>
}

/** How the body of a response becomes values. */
export interface BodyDecoder<A> {
  /** True where values are given while the body comes in; else there is one, at its end. */
  readonly streaming: boolean
  /** True for a connection that may be silent for long and still be well: no idle timeout unless a call asks for one. */
  readonly openEnded?: boolean
  readonly start: (head: Head, limits: DecoderLimits) => BodyDecoding<A>
}

const none: ReadonlyArray<never> = []

const utf8 = /* @__PURE__ */ new TextDecoder()

/**
 * Collects a body, up to a bound. Pieces are copied one behind the other, because a service may send many thousand of one byte
 * each; the first is kept as it is, because most bodies have no other.
 */
export class BoundedBuffer {
  readonly #maxBytes: number
  #held: Uint8Array = new Uint8Array(0)
  #size = 0
  #full = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Adds a piece; false when it goes beyond the bound: then only what fits is kept. */
  push(bytes: Uint8Array): boolean {
    const room = this.#maxBytes - this.#size
    this.#full ||= bytes.length > room
    const kept = this.#full ? bytes.subarray(0, room) : bytes
    const size = this.#size + kept.length
    if (this.#size === 0) {
      this.#held = kept
    } else {
      if (size > this.#held.length) {
        const larger = new Uint8Array(Math.max(size, Math.min(2 * size, this.#maxBytes)))
        larger.set(this.#held)
        this.#held = larger
      }
      this.#held.set(kept, this.#size)
    }
    this.#size = size
    return !this.#full
  }

  text(): string {
    return utf8.decode(this.#held.subarray(0, this.#size))
  }
}

// Issues are cut to their final length by the client, after it took out secrets: half a secret would not be found.
const longestIssue = 10_000

/** For a text that is no JSON. */
export function notJson(body: string): DecodeFailure {
  const page = /^\s*</.test(body) ? " (a web page: is the server's address right?)" : ''
  const actual = body === '' ? 'empty' : describe(body, longestIssue) + page
  return new DecodeFailure([{ path: '', expected: 'JSON', actual }])
}

/** Stands for a text that is not JSON; no JSON value is a symbol. */
export const noValue: unique symbol = Symbol()

/** The value of a text that is JSON as a whole. */
export function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return noValue
  }
}

/** @throws DecodeFailure for a text that is not JSON */
export function parseJson(text: string): unknown {
  const value = tryParse(text)
  if (value === noValue) throw notJson(text)
  return value
}

/** A decoder for a body that makes one value when it is all there. */
const whole = <A>(read: (body: string) => A): BodyDecoder<A> => ({
  streaming: false,
  start: (_, { maxBodyBytes }) => {
    const body = new BoundedBuffer(maxBodyBytes)
    return {
      push(bytes) {
        if (body.push(bytes)) return none
        const expected = `at most ${maxBodyBytes} bytes (maxBodyBytes)`
        throw new DecodeFailure([{ path: '', expected, actual: 'larger' }])
      },
      end: () => [read(body.text())],
    }
  },
})

/** A JSON body that fits `codec`: one value. */
export const json = <A>(codec: t.Type<A>): BodyDecoder<A> =>
  whole((body) => {
    const decoded = codec.decode(parseJson(body))
    if (decoded._tag === 'Left') throw new DecodeFailure(explain(decoded.left, longestIssue))
    return decoded.right
  })

/** A response whose status says it all: gives `value`; the body is dropped. */
export const noContent = <A>(value: A): BodyDecoder<A> => ({
  streaming: false,
  start: () => ({ push: () => none, end: () => [value] }),
})

/** The bytes as they come, cut where the network cut them. */
export const bytes: BodyDecoder<Uint8Array> = {
  streaming: true,
  start: () => ({ push: (chunk) => [chunk], end: () => none }),
}

/** Decodes UTF-8 that is cut anywhere. Several times faster than a TextDecoder in stream mode, which Node runs through ICU. */
export class Utf8Stream {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #rest: Uint8Array | undefined
  #begun = false

  push(bytes: Uint8Array): string {
    let all = bytes
    if (this.#rest) {
      all = new Uint8Array(this.#rest.length + bytes.length)
      all.set(this.#rest)
      all.set(bytes, this.#rest.length)
    }
    const end = completeLength(all)
    this.#rest = end < all.length ? all.slice(end) : undefined
    return this.#text(all.subarray(0, end))
  }

  /** What is left of a character that was cut off. */
  end(): string {
    return this.#rest ? this.#text(this.#rest) : ''
  }

  #text(bytes: Uint8Array): string {
    const text = this.#decoder.decode(bytes)
    if (this.#begun || text === '') return text
    this.#begun = true
    return text.startsWith('\ufeff') ? text.slice(1) : text
  }
}

/** How many of the bytes there are before a last character that is not complete. */
function completeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) break
    if (byte < 0xc0) continue
    const needed = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
    return needed > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/**
 * Lines of text, without their ends (LF or CRLF): a batch for each piece of the body that completes some. A last line without an
 * end is a line. A line longer than `maxLineLength` is cut there and its rest dropped, so that memory stays bounded.
 */
export const textLines: BodyDecoder<ReadonlyArray<string>> = {
  streaming: true,
  start: (_, { maxLineLength }) => {
    const decoder = new Utf8Stream()
    let rest = ''
    const clean = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, maxLineLength)

    function take(text: string): ReadonlyArray<ReadonlyArray<string>> {
      const lines = text.split('\n')
      const [first = '', ...others] = lines
      // What is beyond the bound is dropped at once: at every piece, cutting it off again would cost the whole line.
      if (rest.length <= maxLineLength) rest += first.slice(0, maxLineLength + 1)
      if (others.length === 0) return none
      const last = others.pop() ?? ''
      const batch = [clean(rest), ...others.map(clean)]
      rest = last.slice(0, maxLineLength + 1)
      return [batch]
    }
    return {
      push: (chunk) => take(decoder.push(chunk)),
      end: () => {
        const batch = take(decoder.end())
        return rest === '' ? batch : [...batch, [clean(rest)]]
      },
    }
  },
}
