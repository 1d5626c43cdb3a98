import { catchError, defer, map, mergeMap, type Observable, reduce, tap, throwError } from 'rxjs'
import { type CallOptions, type Client, isApiError, NetworkError, pathOf } from '../../core/index.ts'
import { type Archive, checkArchive, isBlob } from './archive.ts'
import type { Bundle } from './bundle.ts'
import { type UploadBundle, uploadBundle } from './contents.ts'

/**
 * How far an upload is. `reading`: `bytes` have come from the archive's stream so far. `sending`: all `bytes` were handed
 * to fetch; how many of them have arrived nobody can tell until the answer. `stored`: the service has them all.
 */
export interface UploadProgress {
  readonly state: 'reading' | 'sending' | 'stored'
  readonly bytes: number
}

/** What an upload can be told. */
export interface UploadOptions extends CallOptions {
  /** Told at each step. */
  readonly onProgress?: (progress: UploadProgress) => void
  /** The largest archive that is read from a stream, in bytes. Default 256 MiB; it is held in memory as a whole. */
  readonly maxBundleBytes?: number
}

// An upload slower than this, in bytes a millisecond, is a connection that has died.
const slowest = 100

/** Uploads a bundle. Its time is the client's, and more for each byte, unless the call says how much. */
export function upload(
  api: Client,
  { guid, archive }: UploadBundle<Archive>,
  { onProgress, maxBundleBytes = 2 ** 28, ...call }: UploadOptions,
  timeout: number,
): Observable<Bundle> {
  function send(bytes: Uint8Array): Observable<Bundle> {
    const size = bytes.byteLength
    const answer = api.run(uploadBundle, { guid, archive: bytes }, { timeout: timeout + size / slowest, ...call })
    return defer(() => {
      onProgress?.({ state: 'sending', bytes: size })
      return answer
    }).pipe(tap(() => onProgress?.({ state: 'stored', bytes: size })))
  }

  checkArchive('uploadBundle', archive)
  if (archive instanceof Uint8Array) return send(archive)
  const path = pathOf(uploadBundle, { guid, archive: new Uint8Array(1) })
  const pieces = defer(() => (isBlob(archive) ? archive.stream() : archive)).pipe(
    catchError((error: unknown) =>
      throwError(() => (isApiError(error) ? error : new NetworkError({ method: 'POST', path, cause: error }))),
    ),
  )
  return gathered(pieces, maxBundleBytes, (bytes) => onProgress?.({ state: 'reading', bytes })).pipe(mergeMap(send))
}

interface Pieces {
  readonly all: Array<Uint8Array>
  readonly size: number
}

/** The whole of a stream of bytes. Fails with a TypeError for one that is too large or of something else. */
function gathered(stream: Observable<unknown>, most: number, tell: (bytes: number) => void): Observable<Uint8Array> {
  // Each subscriber collects its own.
  return defer(() =>
    stream.pipe(
      reduce<unknown, Pieces>(
        ({ all, size }, piece) => {
          if (!(piece instanceof Uint8Array)) throw new TypeError('archive: its stream must be of Uint8Array')
          const sum = size + piece.byteLength
          if (sum > most) throw new TypeError(`archive: its stream has more than ${most} bytes (maxBundleBytes)`)
          tell(sum)
          all.push(piece)
          return { all, size: sum }
        },
        { all: [], size: 0 },
      ),
      map(joined),
    ),
  )
}

function joined({ all, size }: Pieces): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const piece of all) {
    whole.set(piece, at)
    at += piece.byteLength
  }
  return whole
}
