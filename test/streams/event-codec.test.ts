import * as fc from 'fast-check'
import {
  type ApiError,
  AuthError,
  type Cursor,
  DeadlineError,
  DecodeError,
  HttpError,
  isApiError,
  type JobEvent,
  jobEventCodec,
  type LogGap,
  LogGapError,
  type LogLine,
  NetworkError,
  type Outcome,
  RequestTimeoutError,
} from 'rxjobs'
import { expect, test } from 'vitest'

type AnyEvent = JobEvent<unknown, unknown, unknown>

const json = fc
  .jsonValue({ maxDepth: 2, noUnicodeString: false })
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const count = fc.nat()
const optional = { requiredKeys: [] }

// ---- errors

const request = fc.record({ method: text, path: text }).chain((required) =>
  fc
    .record(
      {
        origin: text,
        correlationId: text,
        observedResponses: fc.dictionary(fc.constantFrom('queued', 'running', 'HttpError 503'), count, { minKeys: 1 }),
      },
      optional,
    )
    .map((more) => ({ ...required, ...more })),
)
const response = fc
  .record({ status: fc.integer({ min: 100, max: 599 }) })
  .chain((required) =>
    fc
      .record({ code: fc.oneof(text, count), detail: text, advice: text, retryAfter: count }, optional)
      .map((more) => ({ ...required, ...more })),
  )
const cause = fc.oneof(text, fc.record({ name: text, message: text }), fc.constant(new TypeError('fetch failed')))
const cursor: fc.Arbitrary<Cursor> = fc
  .record({ job: text, offset: count, timestamp: text, linesAtTimestamp: count, checksum: count })
  .chain((known) => fc.constantFrom(known, { ...known, incomplete: true as const }))
const entry = { source: text, timestamp: text, data: text }
const line: fc.Arbitrary<LogLine<unknown>> = fc.record({
  _tag: fc.constant('Line' as const),
  ref: json,
  index: count,
  ...entry,
  cursor,
})
const gap: fc.Arbitrary<LogGap<unknown>> = fc
  .record({
    _tag: fc.constant('Gap' as const),
    ref: json,
    reason: fc.constantFrom('window', 'ambiguous', 'download', 'too-long'),
    cursor,
  })
  .chain((known) =>
    fc.record({ before: line, after: fc.record(entry) }, optional).map((more) => ({ ...known, ...more })),
  )
const error: fc.Arbitrary<ApiError> = fc.oneof(
  fc.tuple(request, response, json).map(([where, what, body]) => new HttpError({ ...where, ...what, body })),
  fc.tuple(request, response).map(([where, what]) => new AuthError({ ...where, ...what })),
  fc.tuple(request, cause).map(([where, thrown]) => new NetworkError({ ...where, cause: thrown })),
  fc
    .tuple(request, count, fc.constantFrom('response', 'body'))
    .map(([where, after, waitingFor]) => new RequestTimeoutError({ ...where, after, waitingFor })),
  fc
    .tuple(request, fc.array(fc.record({ path: text, expected: text, actual: text }), { maxLength: 3 }))
    .map(([where, issues]) => new DecodeError({ ...where, issues })),
  fc
    .tuple(request, count, fc.constantFrom(undefined, 'a status that is not sent'))
    .map(([where, deadline, last]) => new DeadlineError({ ...where, deadline, last })),
  fc.tuple(request, gap, text).map(([where, missing, reason]) => new LogGapError({ ...where, gap: missing, reason })),
)

// ---- events

const phases = ['queued', 'running', 'unknown', 'succeeded', 'failed', 'cancelled', 'skipped', 'ended'] as const
const known = { ref: json, job: json }
const links = fc.record({ job: text, log: text, content: text }, optional)
const outcome: fc.Arbitrary<Outcome<unknown, unknown, unknown>> = fc.oneof(
  fc
    .record({ ...known, phase: fc.constant('failed' as const) })
    .chain((end) =>
      fc.record({ failure: json, failureError: error, links }, optional).map((more) => ({ ...end, ...more })),
    ),
  fc
    .record({ ...known, phase: fc.constantFrom('succeeded', 'cancelled', 'skipped', 'ended') })
    .chain((end) => fc.record({ links }, optional).map((more) => ({ ...end, ...more }))),
)
const event: fc.Arbitrary<AnyEvent> = fc.oneof(
  fc.record({ _tag: fc.constant('Status' as const), ...known, phase: fc.constantFrom(...phases) }),
  line,
  gap,
  fc
    .record({
      _tag: fc.constant('Connection' as const),
      ref: json,
      channel: fc.constantFrom('status', 'log', 'live', 'cancel'),
      state: fc.constantFrom('open', 'retrying', 'fallback'),
      attempt: count,
      retryInMs: count,
    })
    .chain((connection) => fc.record({ error }, optional).map((more) => ({ ...connection, ...more }))),
  fc.record({ _tag: fc.constant('Settled' as const), ref: json, outcome }),
)

const throughJson = (sent: AnyEvent) => jobEventCodec.decode(JSON.parse(JSON.stringify(jobEventCodec.encode(sent))))

/** The errors in an event, wherever they are. */
const errorsIn = (value: unknown): ReadonlyArray<Error> =>
  value instanceof Error
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(errorsIn)
      : []

test('every event is the same after JSON, and so are its errors: class, message, fields', () => {
  fc.assert(
    fc.property(event, (sent) => {
      const decoded = throughJson(sent)
      expect(decoded).toEqual({ _tag: 'Right', right: sent })
      if (decoded._tag === 'Left') return
      const [before, after] = [errorsIn(sent), errorsIn(decoded.right)]
      expect(after.map(String)).toEqual(before.map(String))
      expect(after.map((one) => one.constructor)).toEqual(before.map((one) => one.constructor))
      expect(after.every(isApiError)).toBe(true)
      expect(JSON.stringify(decoded.right)).toBe(JSON.stringify(sent))
      expect(jobEventCodec.is(decoded.right)).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

test('what is encoded is plain data: it survives a structured clone, too', () => {
  fc.assert(
    fc.property(event, (sent) => {
      const encoded = jobEventCodec.encode(sent)
      expect(jobEventCodec.decode(structuredClone(encoded))).toEqual({ _tag: 'Right', right: sent })
    }),
    { numRuns: 300 },
  )
})

test('the body of a response and the last status are not sent', () => {
  const failed = new HttpError({ method: 'GET', path: '/jobs', status: 500, body: { key: 'of the user' } })
  const late = new DeadlineError({ method: 'GET', path: '/jobs', deadline: 5, last: 'of the user' })
  for (const sent of [failed, late]) {
    const encoded = jobEventCodec.encode({
      ...{ _tag: 'Connection', ref: 'a', channel: 'log', state: 'retrying', attempt: 1, retryInMs: 5 },
      error: sent,
    })
    expect(JSON.stringify(encoded)).not.toContain('of the user')
  }
})

test('fields that are not known are kept', () => {
  const sent = { _tag: 'Status', ref: 'a', job: 1, phase: 'running', added: [1] } as const
  expect(throughJson(sent)).toEqual({ _tag: 'Right', right: sent })
})

const status = { _tag: 'Status', ref: 'a', job: 1, phase: 'running' }
const connection = { _tag: 'Connection', ref: 'a', channel: 'log', state: 'retrying', attempt: 1, retryInMs: 5 }
const http = { _tag: 'HttpError', method: 'GET', path: '/', status: 500, message: 'no' }

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['a text', 'Status'],
  ['a list', [status]],
  ['a tag that is none', { ...status, _tag: 'Stat' }],
  ['a tag of every object', { ...status, _tag: 'toString' }],
  ['a phase that is none', { ...status, phase: 'busy' }],
  ['a line without a cursor', { _tag: 'Line', ref: 'a', index: 0, source: '', timestamp: '', data: '' }],
  ['an outcome under way', { _tag: 'Settled', ref: 'a', outcome: { ref: 'a', job: 1, phase: 'running' } }],
  ['an error that is a text', { ...connection, error: 'no' }],
  ['an error of no class', { ...connection, error: { ...http, _tag: 'Error' } }],
  ['an error without its status', { ...connection, error: { ...http, status: undefined, _tag: 'AuthError' } }],
  ['an error without a path', { ...connection, error: { ...http, path: undefined } }],
  ['issues that are none', { ...connection, error: { ...http, _tag: 'DecodeError', issues: 5 } }],
])('%s is no event', (_name, value) => {
  expect(jobEventCodec.is(value)).toBe(false)
  expect(jobEventCodec.decode(JSON.parse(JSON.stringify(value ?? null)))._tag).toBe('Left')
})
