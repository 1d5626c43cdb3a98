import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  forkJoin,
  ignoreElements,
  map,
  merge,
  mergeMap,
  mergeWith,
  NEVER,
  Observable,
  of,
  ReplaySubject,
  repeat,
  share,
  takeWhile,
  throwError,
  timer,
} from 'rxjs'
import { followJob, HttpError, type LogEntry, NetworkError, tailLog, watchJob } from 'rxjobs'
import { describe, expect, test } from 'vitest'
import { ofSource, ofStream, secret } from './support/results.ts'

// Each guarantee has streams and sources that break exactly it: the suite finds them, and blames no other guarantee.

/** A stream that goes on when it is unsubscribed from. */
const unstoppable = <A>(stream: Observable<A>): Observable<A> =>
  new Observable((subscriber) => {
    stream.subscribe({
      next: (value) => subscriber.next(value),
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    })
  })

const foreign = (error: unknown) => throwError(() => new Error(String(error)))

describe('G1: cold', () => {
  test('a stream that is shared', async () => {
    const shared = await ofStream(({ source }, ref, options) => watchJob(source, ref, options).pipe(share()))
    expect(Object.keys(shared.broken)).toEqual(['G1'])
    const replayed = await ofStream(({ source }, ref, options) =>
      watchJob(source, ref, options).pipe(share({ connector: () => new ReplaySubject(100), resetOnComplete: false })),
    )
    expect(replayed.broken).toEqual({ G1: 'two subscribers got the same objects' })
  })

  test('a stream that begins when it is made', async () => {
    const { broken } = await ofStream(({ source }, ref, options) => {
      const begun = watchJob(source, ref, options).pipe(share())
      begun.subscribe({ error: () => undefined })
      return begun
    })
    expect(broken).toMatchObject({ G1: 'a request was sent before a subscription' })
  })

  test('a stream that can be subscribed to only twice', async () => {
    const { broken } = await ofStream(({ source }, ref, options) => {
      let count = 0
      const watch = watchJob(source, ref, options)
      return of(0).pipe(mergeMap(() => (count++ < 2 ? watch : of())))
    })
    expect(broken).toMatchObject({ G1: 'a later subscriber got nothing' })
  })

  test('a source that shares its snapshots', async () => {
    const { broken } = await ofSource(({ source }) => {
      const shared = new Map([['job', source.status('job').pipe(share())]])
      return { ...source, status: (ref) => shared.get(ref) ?? source.status(ref) }
    })
    expect(broken).toEqual({ G1: 'two subscribers of `status` got the same snapshot' })
  })
})

describe('G2: one read at a time', () => {
  test('a stream that reads twice at once', async () => {
    const { broken } = await ofStream(({ source }, ref, options) =>
      watchJob(source, ref, options).pipe(mergeWith(watchJob(source, ref, options).pipe(ignoreElements()))),
    )
    expect(broken).toEqual({ G2: '2 status requests were in flight at once' })
  })

  test('a source whose status is two requests at once', async () => {
    const { broken } = await ofSource(({ source }) => ({
      ...source,
      status: (ref) => forkJoin([source.status(ref), source.status(ref)]).pipe(map(([snapshot]) => snapshot)),
    }))
    expect(broken).toEqual({ G2: '2 status requests were in flight at once' })
  })
})

describe('G3: unsubscribing aborts', () => {
  test('a stream that goes on without a subscriber', async () => {
    const { broken } = await ofStream(({ source }, ref, options) => unstoppable(watchJob(source, ref, options)))
    expect(Object.keys(broken)).toEqual(['G3'])
    expect(broken['G3']).toMatch(/^unsubscribed while a request is in flight: /)
  })

  test('a source whose request cannot be aborted', async () => {
    const { broken } = await ofSource(({ source }) => ({
      ...source,
      status: (ref) => unstoppable(source.status(ref)),
    }))
    expect(broken).toEqual({ G3: 'status: unsubscribed, and a request is open after 50 ms' })
  })
})

describe('G4: ends with the job', () => {
  test('a stream that takes a closed connection for the end', async () => {
    const { broken } = await ofStream(({ source }, ref, options) =>
      followJob(source, ref, options).pipe(takeWhile((event) => event._tag !== 'Connection' || event.state === 'open')),
    )
    expect(broken).toEqual({ G4: 'it completed before the job was over' })
  })

  test('a stream that never ends', async () => {
    const { broken } = await ofStream(({ source }, ref, options) => merge(watchJob(source, ref, options), NEVER))
    expect(broken).toEqual({ G4: 'the job is over, and the stream goes on' })
  })

  test('a stream that does not drain the log', async () => {
    const { broken } = await ofStream(({ source }, ref, options) =>
      followJob(source, ref, options).pipe(filter((event) => event._tag !== 'Line' || event.data !== 'five')),
    )
    expect(broken).toEqual({ G4: 'it completed after 4 of 5 lines' })
  })

  test('a source that takes a failure for the end', async () => {
    const over = { phase: 'ended' } as const
    const { broken } = await ofSource(({ source: { log, ...source } }) => ({
      ...source,
      status: (ref) =>
        source
          .status(ref)
          .pipe(
            catchError((error: unknown) =>
              error instanceof NetworkError ? of({ job: over, ...over }) : throwError(() => error),
            ),
          ),
    }))
    expect(broken).toEqual({ G4: 'it completed before the job was over' })
  })
})

describe('G5: waits out failures', () => {
  test('a stream that ends at a transient failure', async () => {
    const { broken } = await ofStream(({ source }, ref, options) =>
      watchJob(source, ref, { ...options, retry: { when: () => false } }),
    )
    expect(Object.keys(broken)).toEqual(['G5'])
    expect(broken['G5']).toMatch(/^a connection was dropped, and the stream ended with NetworkError/)
  })

  test('a stream that waits out failures and does not tell', async () => {
    const { broken } = await ofStream(({ source }, ref, { onConnection, ...options }) => watchJob(source, ref, options))
    expect(broken).toEqual({ G5: 'a connection was dropped, and onConnection was not called' })
  })

  test('a stream that retries a lasting failure', async () => {
    const { broken } = await ofStream(({ source }, ref, options) =>
      watchJob({ ...source, transient: () => true }, ref, options),
    )
    expect(Object.keys(broken)).toEqual(['G5'])
    expect(broken['G5']).toMatch(/^a lasting failure was retried \d+ times$/)
  })

  test('a source that takes a dropped connection for a lasting failure', async () => {
    const { broken } = await ofSource(({ source: { log, ...source } }) => ({
      ...source,
      status: (ref) =>
        source
          .status(ref)
          .pipe(
            catchError((error: unknown) =>
              throwError(() =>
                error instanceof NetworkError
                  ? new HttpError({ method: 'GET', path: source.keyOf(ref), status: 400 })
                  : error,
              ),
            ),
          ),
    }))
    expect(Object.keys(broken)).toEqual(['G5'])
  })
})

describe('G6: posts once', () => {
  test('a stream that posts twice', async () => {
    const { broken } = await ofStream(
      ({ source }, ref, options) => concat(source.cancel(ref), source.cancel(ref), watchJob(source, ref, options)),
      { cancelled: '1s x 1m f' },
    )
    expect(broken).toEqual({ G6: 'one subscription sent 2 POSTs' })
  })

  test('a source whose cancel is repeated', async () => {
    const { broken } = await ofSource(({ source }) => ({
      ...source,
      cancel: (ref: string) => source.cancel(ref).pipe(repeat(3)),
    }))
    expect(broken).toEqual({ G6: 'one `cancel` sent 3 POSTs' })
  })
})

describe('G7: waits by the scheduler', () => {
  test('a stream that waits by another scheduler', async () => {
    const { broken } = await ofStream(({ source }, ref, options) =>
      watchJob(source, ref, { ...options, scheduler: asyncScheduler }),
    )
    expect(Object.keys(broken)).toEqual(['G7'])
  })

  test('a source that waits by another scheduler', async () => {
    const { broken } = await ofSource(({ source }) => ({
      ...source,
      status: (ref) => timer(60_000).pipe(mergeMap(() => source.status(ref))),
    }))
    expect(Object.keys(broken)).toEqual(['G7'])
  })
})

describe('G8: fails with ApiErrors', () => {
  test('a stream that fails with another error', async () => {
    const { broken } = await ofStream(({ source }, ref, options) =>
      watchJob(source, ref, options).pipe(catchError(foreign)),
    )
    expect(Object.keys(broken)).toEqual(['G8'])
    expect(broken['G8']).toMatch(
      /^the stream failed with Error: HttpError: GET \/jobs\/no-such-job: 404.*, which is no ApiError$/,
    )
  })

  test('a stream that completes where there is no job', async () => {
    const { broken } = await ofStream(({ source }, ref, options) =>
      watchJob(source, ref, options).pipe(catchError(() => EMPTY)),
    )
    expect(broken).toEqual({ G8: 'the stream of a missing job completed' })
  })

  test('a source whose log fails with another error', async () => {
    const { broken } = await ofSource(({ source }) => ({
      ...source,
      log: {
        ...source.log,
        read: (ref, maxLines) =>
          source.log
            .read(ref, maxLines)
            .pipe(catchError((error: unknown) => (ref === 'job' ? throwError(() => error) : foreign(error)))),
      },
    }))
    expect(Object.keys(broken)).toEqual(['G8'])
    expect(broken['G8']).toMatch(/^log\.read failed with Error/)
  })

  test('a source whose errors do not name the request', async () => {
    const { broken } = await ofSource(({ source }) => ({
      ...source,
      status: (ref) =>
        ref === 'job' ? source.status(ref) : throwError(() => new HttpError({ method: '', path: '', status: 404 })),
    }))
    expect(Object.keys(broken)).toEqual(['G8'])
  })
})

describe('G9: tells lost lines', () => {
  test('a stream that drops a line', async () => {
    const { broken } = await ofStream(({ source }, ref, options) =>
      tailLog(source, ref, options).pipe(filter((element) => element._tag !== 'Line' || element.data !== 'two')),
    )
    expect(broken).toEqual({ G9: 'after 1 lines came "three" where the log has "two", without a gap' })
  })

  test('a stream that repeats a line', async () => {
    const { broken } = await ofStream(({ source }, ref, options) =>
      tailLog(source, ref, options).pipe(mergeMap((element) => of(element, { ...element }))),
    )
    expect(Object.keys(broken)).toEqual(['G9'])
  })

  test('a source whose log lacks a line', async () => {
    const without = (entries: ReadonlyArray<LogEntry>): ReadonlyArray<LogEntry> =>
      entries.filter(({ data }) => data !== 'two')
    const { broken } = await ofSource(({ source }) => ({
      ...source,
      log: { read: (ref, maxLines) => source.log.read(ref, maxLines).pipe(map(without)) },
    }))
    expect(Object.keys(broken)).toEqual(['G9'])
  })

  test('a source whose log is empty', async () => {
    const { broken } = await ofSource(({ source }) => ({
      ...source,
      log: { read: (ref, maxLines) => source.log.read(ref, maxLines).pipe(map(() => [])) },
    }))
    expect(broken).toEqual({ G9: 'none of 5 lines came' })
  })
})

describe('G10: tells no more', () => {
  const again = defer(() => of({ _tag: 'Status', ref: 'job', job: 'again', phase: 'running' }))

  test('a stream that emits the same status twice', async () => {
    const { broken } = await ofStream(({ source }, ref, options) =>
      watchJob(source, ref, options).pipe(
        mergeMap((status) => (status.phase === 'running' ? of(status, { ...status }) : of(status))),
      ),
    )
    expect(broken).toEqual({ G10: 'job "job": the status running came twice' })
  })

  test('a stream that emits after the end', async () => {
    const after = await ofStream(({ source }, ref, options) => concat(watchJob(source, ref, options), again))
    expect(after.broken).toEqual({ G10: 'job "job": a status after the final one' })
    const settled = await ofStream(({ source }, ref, options) => concat(followJob(source, ref, options), again))
    expect(settled.broken).toEqual({ G10: 'job "job": a status after the job was settled' })
  })

  test('a stream that shows a secret', async () => {
    const { broken } = await ofStream(({ source }, ref, options) =>
      watchJob(source, ref, options).pipe(map((status) => ({ ...status, sent: { headers: [`Key ${secret}`] } }))),
    )
    expect(broken).toEqual({ G10: '1 of the secrets can be seen in what it gives' })
  })

  test('a source that finds a change in everything', async () => {
    const { broken } = await ofSource(({ source }) => ({ ...source, same: () => false }))
    expect(broken).toEqual({ G10: 'job "job": the status queued came twice' })
  })

  test('a source that shows its key', async () => {
    const { broken } = await ofSource(({ source }) => ({ ...source, options: { apiKey: secret } }))
    expect(broken).toEqual({ G10: '1 of the secrets can be seen in the source' })
  })
})
