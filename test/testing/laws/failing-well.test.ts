import { catchError, EMPTY, throwError } from 'rxjs'
import { HttpError, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { ofSource, ofStream } from '../support/verdicts.ts'

const foreign = (error: unknown) => throwError(() => new Error(String(error)))

test('a stream that fails with what is no ApiError breaks it, and nothing else', async () => {
  const { broken } = await ofStream(({ source }, ref, options) =>
    watchJob(source, ref, options).pipe(catchError(foreign)),
  )
  expect(broken).toEqual({
    'law 8': 'the stream failed with Error: HttpError: GET /jobs/no-such-job: 404, which is no ApiError',
  })
})

test('a stream that completes where there is no job breaks it, and nothing else', async () => {
  const { broken } = await ofStream(({ source }, ref, options) =>
    watchJob(source, ref, options).pipe(catchError(() => EMPTY)),
  )
  expect(broken).toEqual({ 'law 8': 'a job that is not there completed like one that is over' })
})

test('a source whose log fails with what is no ApiError breaks it, and nothing else', async () => {
  const { broken } = await ofSource(({ source }) => ({
    ...source,
    log: {
      ...source.log,
      window: (ref, lines) =>
        source.log
          .window(ref, lines)
          .pipe(catchError((error: unknown) => (ref === 'job' ? throwError(() => error) : foreign(error)))),
    },
  }))
  expect(Object.keys(broken)).toEqual(['law 8'])
  expect(broken['law 8']).toMatch(/^log\.window failed with Error/)
})

test('an error that does not say what was asked breaks it, and nothing else', async () => {
  const { broken } = await ofSource(({ source }) => ({
    ...source,
    status: (ref) =>
      ref === 'job' ? source.status(ref) : throwError(() => new HttpError({ method: '', path: '', status: 404 })),
  }))
  expect(Object.keys(broken)).toEqual(['law 8'])
})
