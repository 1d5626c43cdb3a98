import { catchError, defer, from, map, mergeMap, of, type Observable, type ObservableInput, tap, toArray } from 'rxjs'
import { type CallOptions, isBranded, NetworkError, pathOf, typeName } from '../../core/index.ts'
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

/**
 * The progress of an upload. `reading`: `bytes` came from the archive's stream so far. `sending`: all `bytes` were handed to fetch.
 * `stored`: the service has them.
 */
export interface UploadProgress {
  readonly state: 'reading' | 'sending' | 'stored'
  readonly bytes: number
}

export const defaultMaxBundleBytes = 268_435_456

/** The options of an upload. */
export interface UploadOptions extends CallOptions {
  /** Called at each step. */
  readonly onProgress?: (progress: UploadProgress) => void
  /** The largest archive that is read from a stream, in bytes; it is held in memory. Default 256 MiB. */
  readonly maxBundleBytes?: number
}

/**
 * An archive as a stream of bytes.
 *
 * @throws TypeError in the caller's name for anything but an {@link Archive}
 */
export function archiveStream(caller: string, archive: Archive): Observable<unknown> {
  const isBytes = archive instanceof Uint8Array
  if (isBytes && archive.byteLength > 0) return of(archive)
  try {
    // A string would be a stream of its letters.
    if (typeof archive === 'object' && !isBytes) {
      return 'stream' in archive ? defer(() => archive.stream()) : from(archive)
    }
  } catch {
    // It is no stream that rxjs knows.
  }
  const expected = 'a Uint8Array that is not empty, a Blob, or a stream of Uint8Arrays'
  throw new TypeError(`${caller}: archive must be ${expected}, was ${typeName(archive)}`)
}

/** All bytes of a stream. Fails with a TypeError for a stream that is too long or of something else. */
const collect = (
  stream: Observable<unknown>,
  maxBytes: number,
  onBytes: (bytes: number) => void,
): Observable<Uint8Array> =>
  defer(() => {
    let size = 0
    return stream.pipe(
      map((piece) => {
        if (!(piece instanceof Uint8Array)) throw new TypeError('archive: its stream must be of Uint8Array')
        size += piece.byteLength
        if (size > maxBytes) throw new TypeError(`archive: its stream has more than ${maxBytes} bytes (maxBundleBytes)`)
        onBytes(size)
        return { piece, at: size - piece.byteLength }
      }),
      toArray(),
      map((pieces) => {
        const whole = new Uint8Array(size)
        for (const { piece, at } of pieces) whole.set(piece, at)
        return whole
      }),
    )
  })

/**
 * Uploads a bundle from any {@link Archive}, and reports its progress. A stream is read to its end first. As `pc.uploadBundle` it is one
 * POST, which is not repeated. A stream that cannot be read is a NetworkError.
 *
 * @throws TypeError synchronously for an invalid guid or archive
 *
 * @example
 * ```ts
 * import { connect, uploadArchive } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const bundle = (file: Blob) =>
 *   uploadArchive(pc, { guid: 'a-guid', archive: file }, { onProgress: ({ state, bytes }) => console.log(state, bytes) })
 * ```
 */
export function uploadArchive(
  pc: Connect,
  { guid, archive }: ContentRef & { readonly archive: Archive },
  { onProgress, maxBundleBytes = defaultMaxBundleBytes, ...call }: UploadOptions = {},
): Observable<Bundle> {
  const report = (state: UploadProgress['state'], bytes: number): void => onProgress?.({ state, bytes })

  function send(body: Uint8Array): Observable<Bundle> {
    const answer = pc.uploadBundle({ guid, archive: body }, call)
    return defer(() => {
      report('sending', body.byteLength)
      return answer.pipe(tap(() => report('stored', body.byteLength)))
    })
  }

  const stream = archiveStream('uploadArchive', archive)
  if (archive instanceof Uint8Array) return send(archive)
  const path = pathOf(uploadBundle, { guid, archive: new Uint8Array(1) })
  const readable = stream.pipe(
    catchError((error: unknown) => {
      throw isBranded(error) ? error : new NetworkError({ method: 'POST', path, cause: error })
    }),
  )
  return collect(readable, maxBundleBytes, (bytes) => report('reading', bytes)).pipe(mergeMap(send))
}
