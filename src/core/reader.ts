import type * as t from 'io-ts'
import type { Issue } from './errors/index.ts'
import { explain } from './explain.ts'
import { show } from './show.ts'
import type { Head } from './transport.ts'

/** Thrown by a reader for a body that does not fit; the client makes it a DecodeError that says which request it was. */
export class Mismatch extends Error {
  readonly issues: ReadonlyArray<Issue>

  constructor(issues: ReadonlyArray<Issue>) {
    super('the body does not fit')
    this.issues = issues
  }
}

/** Reads a body that makes one value when it is all there. Bounded by the client's `maxBodyBytes`. */
export interface WholeReader<A> {
  readonly _tag: 'Whole'
  /** @throws Mismatch */
  readonly read: (body: string) => A
}

/** Turns pieces of a body into values as they come. */
export interface Decoder<A> {
  /** What there is as soon as the head has come. */
  readonly first: ReadonlyArray<A>
  /** @throws Mismatch */
  push(bytes: Uint8Array): ReadonlyArray<A>
  /** What is left when the body ended in good order. */
  end(): ReadonlyArray<A>
}

/** Reads a body that makes many values while it comes in. */
export interface StreamReader<A> {
  readonly _tag: 'Stream'
  /** True for a connection that may be silent for long and still be well: no idle timeout unless a call asks for one. */
  readonly openEnded: boolean
  readonly open: (head: Head, limits: { readonly maxLineBytes: number }) => Decoder<A>
}

/** How the body of an answer becomes values. */
export type Reader<A> = WholeReader<A> | StreamReader<A>

/** For a text that is no JSON. */
export const notJson = (body: string): Mismatch => new Mismatch([{ path: '', expected: 'JSON', actual: whatIs(body) }])

function whatIs(body: string): string {
  if (body === '') return 'empty'
  return /^\s*</.test(body) ? `${show(body)} (a web page: is the server's address right?)` : show(body)
}

/** A JSON body that fits `codec`. */
export function json<A>(codec: t.Type<A>): WholeReader<A> {
  return {
    _tag: 'Whole',
    read: (body) => {
      let parsed: unknown
      try {
        parsed = JSON.parse(body)
      } catch {
        throw notJson(body)
      }
      const decoded = codec.decode(parsed)
      if (decoded._tag === 'Left') throw new Mismatch(explain(decoded.left))
      return decoded.right
    },
  }
}

/** An answer whose status says it all; its body is read and dropped. */
export const always = <A>(value: A): WholeReader<A> => ({ _tag: 'Whole', read: () => value })

/** Another value made of what a reader of whole bodies gave. */
export const mapWhole = <A, B>(reader: WholeReader<A>, f: (a: A) => B): WholeReader<B> => ({
  _tag: 'Whole',
  read: (body) => f(reader.read(body)),
})

/** The bytes as they come, cut where the network cut them. */
export const bytes: StreamReader<Uint8Array> = {
  _tag: 'Stream',
  openEnded: false,
  open: () => ({ first: [], push: (chunk) => [chunk], end: () => [] }),
}

/** The elements one by one of a reader that gives them in batches. */
export function elements<A>(reader: StreamReader<ReadonlyArray<A>>): StreamReader<A> {
  return {
    ...reader,
    open: (head, limits) => {
      const decoder = reader.open(head, limits)
      return {
        first: decoder.first.flat(),
        push: (chunk) => decoder.push(chunk).flat(),
        end: () => decoder.end().flat(),
      }
    },
  }
}
