import { catchError, throwError } from 'rxjs'
import { HttpError, isNetworkError, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { ofSource, ofStream } from '../support/verdicts.ts'

test('a stream that ends at a failure that passes breaks it, and nothing else', async () => {
  const { broken } = await ofStream(({ source }, ref, options) => watchJob(source, ref, { ...options, maxFailures: 0 }))
  expect(Object.keys(broken)).toEqual(['law 5'])
  expect(broken['law 5']).toMatch(/^a connection was dropped, and the stream ended with NetworkError/)
})

test('a stream that bears failures in silence breaks it, and nothing else', async () => {
  const { broken } = await ofStream(({ source }, ref, { onConnection, ...options }) => watchJob(source, ref, options))
  expect(broken).toEqual({ 'law 5': 'a connection was dropped, and onConnection was told nothing' })
})

test('a stream that repeats what fails for good breaks it, and nothing else', async () => {
  const { broken } = await ofStream(({ source }, ref, options) =>
    watchJob({ ...source, transient: () => true }, ref, options),
  )
  expect(broken).toEqual({ 'law 5': 'a failure for good was tried again 20 times' })
})

test('a source that takes a dropped connection for a failure for good breaks it, and nothing else', async () => {
  const { broken } = await ofSource(({ source: { log, ...source } }) => ({
    ...source,
    status: (ref) =>
      source
        .status(ref)
        .pipe(
          catchError((error: unknown) =>
            throwError(() =>
              isNetworkError(error) ? new HttpError({ method: 'GET', path: source.keyOf(ref), status: 400 }) : error,
            ),
          ),
        ),
  }))
  expect(Object.keys(broken)).toEqual(['law 5'])
})
