import { concat, defer, EMPTY, from, map, mergeMap, type Observable, type ObservableInput, startWith, tap } from 'rxjs'
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

/**
 * The progress of an upload. `reading`: `bytes` came from the archive's stream so far. `sending`: all `bytes` were handed to fetch.
 * `stored`: the service has them.
 */
export interface UploadProgress {
  readonly state: 'reading' | 'sending' | 'stored'
  readonly bytes: number
  /** Present once it is stored. */
  readonly bundle?: Bundle
}

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
  if (isBytes && archive.byteLength > 0) return EMPTY
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

/** The upload of an archive, step by step. It throws and fails as {@link uploadArchive}. */
export function uploadSteps(
  pc: Connect,
  { guid, archive }: ContentRef & { readonly archive: Archive },
  maxBytes = 268_435_456,
  call?: CallOptions,
): Observable<UploadProgress> {
  const stream = archiveStream('uploadArchive', archive)
  pathOf(uploadBundle, { guid, archive: new Uint8Array(1) })
  return defer(() => {
    const pieces: Array<{ readonly piece: Uint8Array; readonly at: number }> = []
    let bytes = 0
    const reading = stream.pipe(
      map((piece): UploadProgress => {
        if (!(piece instanceof Uint8Array)) throw new TypeError('archive: its stream must be of Uint8Array')
        pieces.push({ piece, at: bytes })
        bytes += piece.byteLength
        if (bytes > maxBytes)
          throw new TypeError(`archive: its stream has more than ${maxBytes} bytes (maxBundleBytes)`)
        return { state: 'reading', bytes }
      }),
    )
    const sending = defer(() => {
      const whole = archive instanceof Uint8Array ? archive : new Uint8Array(bytes)
      for (const { piece, at } of pieces) whole.set(piece, at)
      const sent = { bytes: whole.byteLength }
      return pc.uploadBundle({ guid, archive: whole }, call).pipe(
        map((bundle): UploadProgress => ({ state: 'stored', ...sent, bundle })),
        startWith<UploadProgress>({ state: 'sending', ...sent }),
      )
    })
    return concat(reading, sending)
  })
}

/**
 * Uploads a bundle from any {@link Archive}, and reports its progress. A stream is read to its end first. As `pc.uploadBundle` it is one
 * POST, which is not repeated. The error of a stream comes out as it is.
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
  upload: ContentRef & { readonly archive: Archive },
  { onProgress, maxBundleBytes, ...call }: UploadOptions = {},
): Observable<Bundle> {
  return uploadSteps(pc, upload, maxBundleBytes, call).pipe(
    tap(onProgress),
    mergeMap(({ bundle }) => (bundle ? [bundle] : [])),
  )
}
