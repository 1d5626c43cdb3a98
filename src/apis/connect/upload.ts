import { defer, EMPTY, from, mergeMap, type Observable, type ObservableInput, toArray } from 'rxjs'
import { type CallOptions, pathOf, typeName } from '../../core/index.ts'
import type { Connect } from './connect.ts'
import { type ContentRef, uploadBundle } from './endpoints.ts'
import type { Bundle } from './models.ts'

/** A Blob or a File, such as one picked in a browser or the result of `fs.openAsBlob`. */
export interface BlobLike {
  readonly stream: () => ObservableInput<Uint8Array>
}

/**
 * A gzipped tar with a `manifest.json`: bytes, a Blob, or a stream of bytes as rxjs's `from` takes it (an Observable, a Node stream, a
 * web stream, an async generator). It is read once for each subscription, to its end, before it is sent.
 */
export type Archive = Uint8Array | BlobLike | ObservableInput<Uint8Array>

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array

/**
 * An archive as a stream of bytes.
 *
 * @throws TypeError in the caller's name for anything but an {@link Archive}
 */
export function archiveStream(caller: string, archive: Archive): Observable<unknown> {
  if (isBytes(archive) && archive.byteLength > 0) return EMPTY
  try {
    // A string would be a stream of its letters.
    if (typeof archive === 'object' && !isBytes(archive)) {
      return 'stream' in archive ? defer(() => archive.stream()) : from(archive)
    }
  } catch {
    // It is no stream that rxjs knows.
  }
  const expected = 'a Uint8Array that is not empty, a Blob, or a stream of Uint8Arrays'
  throw new TypeError(`${caller}: archive must be ${expected}, was ${typeName(archive)}`)
}

/** @throws TypeError for pieces that are no bytes */
function joined(pieces: ReadonlyArray<unknown>): Uint8Array {
  if (!pieces.every(isBytes)) throw new TypeError('archive: its stream must be of Uint8Array')
  const whole = new Uint8Array(pieces.reduce((size, { byteLength }) => size + byteLength, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.byteLength
  }
  return whole
}

/**
 * Uploads a bundle from any {@link Archive}. A stream is read to its end first. As `pc.uploadBundle` it is one POST, which is not
 * repeated. The error of a stream comes out as it is.
 *
 * @throws TypeError synchronously for an invalid guid or archive
 *
 * @example
 * ```ts
 * import { connect, uploadArchive } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const bundle = (file: Blob) => uploadArchive(pc, { guid: 'a-guid', archive: file })
 * ```
 */
export function uploadArchive(
  pc: Connect,
  { guid, archive }: ContentRef & { readonly archive: Archive },
  call?: CallOptions,
): Observable<Bundle> {
  const stream = archiveStream('uploadArchive', archive)
  if (isBytes(archive)) return pc.uploadBundle({ guid, archive }, call)
  pathOf(uploadBundle, { guid, archive: new Uint8Array(1) })
  return stream.pipe(
    toArray(),
    mergeMap((pieces) => pc.uploadBundle({ guid, archive: joined(pieces) }, call)),
  )
}
