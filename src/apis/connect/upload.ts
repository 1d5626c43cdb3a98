import {
  catchError,
  defer,
  isObservable,
  map,
  mergeMap,
  type Observable,
  type ObservableInput,
  reduce,
  tap,
  throwError,
} from 'rxjs'
import { type CallOptions, type Client, isBranded, NetworkError, pathOf, typeName } from '../../core/index.ts'
import { type UploadBundle, uploadBundle } from './endpoints.ts'
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

/** The options of an upload. */
export interface UploadOptions extends CallOptions {
  /** Called at each step. */
  readonly onProgress?: (progress: UploadProgress) => void
  /** The largest archive that is read from a stream, in bytes; it is held in memory. Default 256 MiB. */
  readonly maxBundleBytes?: number
}

// The slowest upload that is waited for, in bytes a millisecond.
const minSpeed = 100

// What rxjs's `from` takes, but for strings, which are streams of letters.
const streamMethods = [Symbol.asyncIterator, Symbol.iterator, 'then', 'getReader', 'subscribe']

const hasMethod = (value: object, name: string | symbol): boolean => typeof Reflect.get(value, name) === 'function'

const isBlob = (archive: Archive): archive is BlobLike => hasMethod(archive, 'stream')

function isArchive(value: unknown): boolean {
  if (value instanceof Uint8Array) return value.byteLength > 0
  if (typeof value !== 'object' || value === null) return false
  return isObservable(value) || ['stream', ...streamMethods].some((name) => hasMethod(value, name))
}

/** @throws TypeError in the caller's name for anything but an {@link Archive} */
export function checkArchive(caller: string, archive: unknown): void {
  if (isArchive(archive)) return
  const expected = 'a Uint8Array that is not empty, a Blob, or a stream of Uint8Arrays'
  throw new TypeError(`${caller}: archive must be ${expected}, was ${typeName(archive)}`)
}

/** All bytes of a stream. Fails with a TypeError for a stream that is too long or of something else. */
function collect(
  stream: Observable<unknown>,
  maxBytes: number,
  onBytes: (bytes: number) => void,
): Observable<Uint8Array> {
  return defer(() => {
    const pieces: Array<Uint8Array> = []
    return stream.pipe(
      reduce((size, piece) => {
        if (!(piece instanceof Uint8Array)) throw new TypeError('archive: its stream must be of Uint8Array')
        pieces.push(piece)
        const sum = size + piece.byteLength
        if (sum > maxBytes) throw new TypeError(`archive: its stream has more than ${maxBytes} bytes (maxBundleBytes)`)
        onBytes(sum)
        return sum
      }, 0),
      map((size) => {
        const whole = new Uint8Array(size)
        pieces.reduce((offset, piece) => (whole.set(piece, offset), offset + piece.byteLength), 0)
        return whole
      }),
    )
  })
}

/**
 * Uploads a bundle.
 *
 * @param timeout of the client in milliseconds; a large archive gets more time
 */
export function upload(
  client: Client,
  { guid, archive }: UploadBundle<Archive>,
  { onProgress, maxBundleBytes = 2 ** 28, ...call }: UploadOptions,
  timeout: number,
): Observable<Bundle> {
  const report = (state: UploadProgress['state'], bytes: number): void => onProgress?.({ state, bytes })

  function send(body: Uint8Array): Observable<Bundle> {
    const size = body.byteLength
    const answer = client.run(uploadBundle, { guid, archive: body }, { timeout: timeout + size / minSpeed, ...call })
    return defer(() => {
      report('sending', size)
      return answer
    }).pipe(tap(() => report('stored', size)))
  }

  checkArchive('uploadBundle', archive)
  if (archive instanceof Uint8Array) return send(archive)
  const path = pathOf(uploadBundle, { guid, archive: new Uint8Array(1) })
  const stream = defer(() => (isBlob(archive) ? archive.stream() : archive)).pipe(
    catchError((error: unknown) =>
      throwError(() => (isBranded(error) ? error : new NetworkError({ method: 'POST', path, cause: error }))),
    ),
  )
  return collect(stream, maxBundleBytes, (bytes) => report('reading', bytes)).pipe(mergeMap(send))
}
