import { isObservable, type ObservableInput } from 'rxjs'
import { isFunction } from '../../core/check-option.ts'
import { kindOf } from '../../core/show.ts'

/** What a Blob is, as far as it matters here: a File that was picked in a browser, what `fs.openAsBlob` gives. */
export interface BlobLike {
  readonly stream: () => ObservableInput<Uint8Array>
}

/**
 * A gzipped tar with a `manifest.json`: as it is, as a Blob, or in pieces, from anything that rxjs's `from` takes (an Observable,
 * a Node stream, a web stream, an async generator). It is read when the upload begins: what flows by itself from its start on,
 * such as the output of a process, is begun in a `defer`. What can be read only once is good for one subscription. A stream
 * that is left is closed with its next piece.
 */
export type Archive = Uint8Array | BlobLike | ObservableInput<Uint8Array>

// What rxjs's `from` takes; not a text, which is a stream of letters.
const ways = [Symbol.asyncIterator, Symbol.iterator, 'then', 'getReader', 'subscribe']

/** True for a Blob, a File among them. */
export const isBlob = (archive: unknown): archive is BlobLike =>
  typeof archive === 'object' && archive !== null && isFunction(Reflect.get(archive, 'stream'))

function isArchive(value: unknown): boolean {
  if (value instanceof Uint8Array) return value.byteLength > 0
  if (typeof value !== 'object' || value === null) return false
  return isBlob(value) || isObservable(value) || ways.some((way) => isFunction(Reflect.get(value, way)))
}

/** @throws TypeError in the caller's name for what is neither bytes nor a Blob nor may be a stream of bytes */
export function checkArchive(caller: string, archive: unknown): void {
  if (isArchive(archive)) return
  const what = 'a Uint8Array that is not empty, a Blob, or a stream of Uint8Arrays'
  throw new TypeError(`${caller}: archive must be ${what}, was ${kindOf(archive)}`)
}
