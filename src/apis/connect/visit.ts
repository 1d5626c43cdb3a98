import { catchError, type Observable, of, take, throwError } from 'rxjs'
import {
  type CallOptions,
  type Client,
  type Endpoint,
  inPath,
  isHttpError,
  type StreamReader,
} from '../../core/index.ts'
import type { ContentRef } from './jobs.ts'

/** The status alone: what the page holds is nobody's business, and it may go on for ever. */
const head: StreamReader<number> = {
  _tag: 'Stream',
  openEnded: true,
  open: ({ status }) => ({ first: [status], push: () => [], end: () => [] }),
}

const visit: Endpoint<ContentRef, number> = {
  name: 'visitContent',
  method: 'GET',
  path: '/content/{guid}/',
  parameters: { guid: inPath },
  answers: { 200: head },
  accept: '*/*',
}

// An app has a minute to start by default, and the answer waits for it.
const patience = 90_000

/**
 * Visits content as a browser would, with the key, and gives the status of the answer. Any but 5xx will do: what an app
 * answers at its root is its own affair.
 */
export const visitContent = (site: Client, content: ContentRef, call: CallOptions = {}): Observable<number> =>
  site.run(visit, content, { timeout: patience, ...call }).pipe(
    take(1),
    catchError((error: unknown) =>
      isHttpError(error) && error.status < 500 ? of(error.status) : throwError(() => error),
    ),
  )
