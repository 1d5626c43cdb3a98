import type * as t from 'io-ts'
import { explain } from './codec.ts'
import type { Issue } from './errors.ts'
import type { ConnectionOptions } from './options.ts'
import type { Head } from './transport.ts'
import { describe, tryTo } from './values.ts'

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
export type DecoderLimits = Required<Pick<ConnectionOptions, 'maxBodyBytes' | 'maxLineLength'>>

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

// Without a leading mark, which only the first text of a body may have.
const fast = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Decodes UTF-8 that is cut anywhere; without bytes, what is left at the end. Node's TextDecoder is ten times slower once it
 * streams: it does only around a cut character.
 */
export function utf8Stream(): (bytes?: Uint8Array) => string {
  let decoder = fast
  let hasBegun = false
  return (bytes) => {
    if (bytes?.length === 0) return ''
    const stream = (bytes?.[bytes.length - 1] ?? 0) > 0x7f
    if (stream && decoder === fast) decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    const text = decoder.decode(bytes, { stream })
    if (!stream) decoder = fast
    if (hasBegun || text === '') return text
    hasBegun = true
    return text.replace(/^\ufeff/, '')
  }
}

/**
 * Collects a body as text, up to a bound.
 *
 * @param read makes the value; of a body that goes beyond the bound, `isWhole` is false, and it has what fits
 */
export function textBody<A>(maxBytes: number, read: (body: string, isWhole: boolean) => A): BodyDecoding<A> {
  const decode = utf8Stream()
  let left = maxBytes
  let text = ''
  const end = (): ReadonlyArray<A> => [read(text + decode(), left >= 0)]
  return {
    push: (bytes) => {
      text += decode(bytes.subarray(0, left))
      left -= bytes.length
      return left < 0 ? end() : none
    },
    end,
  }
}

// Issues are cut to their final length by the client, after it took out secrets: half a secret would not be found.
export const longestIssue = 10_000

/** Says that a text is a web page; undefined for any other. */
export const pageIn = (body: string): string | undefined =>
  /^\s*</.test(body) ? 'a web page, not the API: is the address right, is a login or proxy before it?' : undefined

/** The error for a text that is no JSON. */
export function notJson(body: string): DecodeFailure {
  return misfit('JSON', body === '' ? 'empty' : (pageIn(body) ?? describe(body, longestIssue)))
}

/** The value of a text that is JSON as a whole, else undefined, which no JSON is. */
export const tryParse = (text: string): unknown => tryTo((): unknown => JSON.parse(text))

/**
 * The values of parts with a separator between them, parsed as one array, which is several times faster than one by one; undefined
 * where a part is no value. A line end stays between them, so that no string can begin in one part and end in another.
 */
export function parseTogether(parts: string, separator: string): ReadonlyArray<unknown> | undefined {
  const values = tryParse(`[${parts.replaceAll(separator, ',\n')}]`)
  return Array.isArray(values) ? values : undefined
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
    textBody(maxBodyBytes, (body, isWhole) => {
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
    const decode = utf8Stream()
    let rest = ''
    const lineOf = (text: string): string => (text.endsWith('\r') ? text.slice(0, -1) : text).slice(0, maxLineLength)
    return {
      push: (chunk) => {
        const text = decode(chunk)
        if (text.includes('\n')) {
          const lines = (rest + text).split('\n')
          rest = lines.pop() ?? ''
          return [lines.map(lineOf)]
        }
        // The line is looked into when it ends: at every piece that would cost all of it. What is far beyond the bound is dropped.
        if (rest.length <= maxLineLength) rest += text
        return none
      },
      end: () => {
        const last = rest + decode()
        return last === '' ? none : [[lineOf(last)]]
      },
    }
  },
}
