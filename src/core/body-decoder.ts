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

/** For a body that is wrong as a whole. */
export const misfit = (expected: string, actual: string): DecodeFailure =>
  new DecodeFailure([{ path: '', expected, actual }])

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

const utf8WithMark = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true })

/** Decodes UTF-8 that is cut anywhere, ten times faster than Node's TextDecoder in stream mode. */
export class Utf8Stream {
  #decoder = utf8
  #rest: Uint8Array = new Uint8Array(0)

  /** The text up to the last character, which may be cut off where it is not ASCII. */
  push(bytes: Uint8Array): string {
    const held = this.#rest.length
    const all = held === 0 ? bytes : new Uint8Array(held + bytes.length)
    if (held > 0) {
      all.set(this.#rest)
      all.set(bytes, held)
    }
    let end = all.length
    if ((all[end - 1] ?? 0) > 0x7f) {
      do end--
      while (end > 0 && end > all.length - 4 && ((all[end] ?? 0) & 0xc0) === 0x80)
    }
    this.#rest = all.slice(end)
    return this.#text(all.subarray(0, end))
  }

  end(): string {
    return this.#text(this.#rest)
  }

  #text(bytes: Uint8Array): string {
    if (bytes.length === 0) return ''
    const text = this.#decoder.decode(bytes)
    this.#decoder = utf8WithMark
    return text
  }
}

/** Collects a body as text, up to a bound. */
export class TextBody<A> implements BodyDecoding<A> {
  readonly #decoder = new Utf8Stream()
  readonly #read: (body: string, isWhole: boolean) => A
  #left: number
  #text = ''

  /** @param read makes the value; of a body that goes beyond the bound, `isWhole` is false, and it has what fits */
  constructor(maxBytes: number, read: (body: string, isWhole: boolean) => A) {
    this.#left = maxBytes
    this.#read = read
  }

  push(bytes: Uint8Array): ReadonlyArray<A> {
    this.#text += this.#decoder.push(bytes.subarray(0, this.#left))
    this.#left -= bytes.length
    return this.#left < 0 ? this.end() : none
  }

  end(): ReadonlyArray<A> {
    return [this.#read(this.#text + this.#decoder.end(), this.#left >= 0)]
  }
}

// Issues are cut to their final length by the client, after it took out secrets: half a secret would not be found.
export const longestIssue = 10_000

/** For a text that is no JSON. */
export function notJson(body: string): DecodeFailure {
  const page = /^\s*</.test(body) ? " (a web page: is the server's address right?)" : ''
  return misfit('JSON', body === '' ? 'empty' : describe(body, longestIssue) + page)
}

/** The value of a text that is JSON as a whole, else undefined, which no JSON is. */
export function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** @throws DecodeFailure for a text that is not JSON */
export function parseJson(text: string): unknown {
  const value = tryParse(text)
  if (value === undefined) throw notJson(text)
  return value
}

/** A decoder for a body that makes one value when it is all there. */
export const whole = <A>(read: (body: string) => A): BodyDecoder<A> => ({
  streaming: false,
  start: (_, { maxBodyBytes }) =>
    new TextBody(maxBodyBytes, (body, isWhole) => {
      if (isWhole) return read(body)
      throw misfit(`at most ${maxBodyBytes} bytes (maxBodyBytes)`, 'larger')
    }),
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

/**
 * Lines of text, without their ends (LF or CRLF): a batch for each piece of the body that completes some. A last line without an
 * end is a line. A line longer than `maxLineLength` is cut there and its rest dropped, so that memory stays bounded.
 */
export const textLines: BodyDecoder<ReadonlyArray<string>> = {
  streaming: true,
  start: (_, { maxLineLength }) => {
    const decoder = new Utf8Stream()
    let rest = ''
    const lineOf = (text: string): string => (text.endsWith('\r') ? text.slice(0, -1) : text).slice(0, maxLineLength)

    function take(text: string): ReadonlyArray<ReadonlyArray<string>> {
      const [first = '', ...others] = text.split('\n')
      // What is beyond the bound is dropped at once: cutting it off at every piece would cost the whole line each time.
      if (rest.length <= maxLineLength) rest += first.slice(0, maxLineLength + 1)
      const last = others.pop()
      if (last === undefined) return none
      const batch = [rest, ...others].map(lineOf)
      rest = last.slice(0, maxLineLength + 1)
      return [batch]
    }
    return {
      push: (chunk) => take(decoder.push(chunk)),
      end: () => [...take(decoder.end()), ...(rest === '' ? [] : [[lineOf(rest)]])],
    }
  },
}
