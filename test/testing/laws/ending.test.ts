import { catchError, filter, merge, NEVER, of, takeWhile, throwError } from 'rxjs'
import { followJob, isNetworkError, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { ofSource, ofStream } from '../support/verdicts.ts'

test('a stream that takes a closed connection for the end breaks it, and nothing else', async () => {
  const { broken } = await ofStream(({ source }, ref, options) =>
    followJob(source, ref, options).pipe(takeWhile((event) => event._tag !== 'Connection' || event.state === 'open')),
  )
  expect(broken).toEqual({ 'law 4': 'it completed before the job was over' })
})

test('a stream that never ends breaks it, and nothing else', async () => {
  const { broken } = await ofStream(({ source }, ref, options) => merge(watchJob(source, ref, options), NEVER))
  expect(broken).toEqual({ 'law 4': 'the job is over, and the stream goes on' })
})

test('a stream that does not drain the log breaks it, and nothing else', async () => {
  const { broken } = await ofStream(({ source }, ref, options) =>
    followJob(source, ref, options).pipe(filter((event) => event._tag !== 'Line' || event.data !== 'five')),
  )
  expect(broken).toEqual({ 'law 4': 'it completed after 4 of 5 lines' })
})

test('a source that takes a failure for the end breaks it, and nothing else', async () => {
  const over = { phase: 'ended' } as const
  const { broken } = await ofSource(({ source: { log, ...source } }) => ({
    ...source,
    status: (ref) =>
      source
        .status(ref)
        .pipe(
          catchError((error: unknown) =>
            isNetworkError(error) ? of({ ref, job: over, ...over }) : throwError(() => error),
          ),
        ),
  }))
  expect(broken).toEqual({ 'law 4': 'it completed before the job was over' })
})
