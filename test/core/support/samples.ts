import {
  type ApiError,
  type Asked,
  AuthError,
  DeadlineError,
  DecodeError,
  HttpError,
  LogGapError,
  NetworkError,
  TimeoutError,
} from '../../../src/core/errors/index.ts'

export const asked: Asked = { method: 'GET', path: '/jobs/7', origin: 'https://host', correlationId: 'c-1' }

/** One of each class, with every field that it can have. */
export const samples: ReadonlyArray<ApiError> = [
  new HttpError({
    ...asked,
    ...{ status: 404, code: 'not.found', detail: 'no such job', retryAfter: 5, missing: 'object' },
    body: { code: 'not.found' },
  }),
  new NetworkError({ ...asked, cause: Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }) }),
  new TimeoutError({ ...asked, after: 30_000, waitingFor: 'answer' }),
  new DecodeError({ ...asked, issues: [{ path: 'entries[3].data', expected: 'string', actual: '5' }] }),
  new AuthError({ ...asked, status: 401, code: 'invalid_client', detail: 'unknown client', retryAfter: 7 }),
  new LogGapError({ ...asked, gap: { index: 3 }, reason: 'the window moved on' }),
  new DeadlineError({ ...asked, deadline: 60_000, last: { phase: 'running' } }),
]
