import * as t from 'io-ts'
import {
  AuthError,
  BaseError,
  codecOf,
  DecodeError,
  HttpError,
  isObject,
  NetworkError,
  RequestTimeoutError,
  struct,
} from '../core/index.ts'
import { type ApiError, DeadlineError, isApiError, LogGapError } from './errors.ts'
import { Cursor } from './log/index.ts'
import type { JobEvent, Outcome } from './types.ts'

type AnyEvent = JobEvent<unknown, unknown, unknown>

/** What a table has for the `_tag` of a value. */
function byTag<A>(value: unknown, table: Readonly<Record<string, A>>): A | undefined {
  const tag: unknown = isObject(value) && Reflect.get(value, '_tag')
  return typeof tag === 'string' && Object.hasOwn(table, tag) ? table[tag] : undefined
}

/** The classes of errors, each with the field that it cannot do without. */
const classes = {
  AuthError: [AuthError, 'status'],
  DeadlineError: [DeadlineError, 'deadline'],
  DecodeError: [DecodeError, 'issues'],
  HttpError: [HttpError, 'status'],
  LogGapError: [LogGapError, 'gap'],
  NetworkError: [NetworkError, 'cause'],
  RequestTimeoutError: [RequestTimeoutError, 'after'],
} as const

const isError = (u: unknown): u is ApiError => u instanceof BaseError && isApiError(u)

/** An error from its JSON, of the class that it had, with its message. */
const apiError: t.Type<ApiError> = /* @__PURE__ */ codecOf('ApiError', isError, (u, context) => {
  const known = byTag(u, classes)
  try {
    const error: unknown = known && isObject(u) && known[1] in u && Reflect.construct(known[0], [u])
    return isError(error) ? t.success(error) : t.failure(u, context)
  } catch {
    return t.failure(u, context)
  }
})

/** The codec of each kind of event. The table of them checks the `_tag`. */
function codecs(): Readonly<Record<string, Pick<t.Type<unknown>, 'is' | 'validate'>>> {
  const ends = { succeeded: null, cancelled: null, skipped: null, ended: null }
  const phase = t.keyof({ ...ends, failed: null, queued: null, running: null, unknown: null })
  const reason = t.keyof({ window: null, ambiguous: null, download: null, 'too-long': null })
  const channel = t.keyof({ status: null, log: null, live: null, cancel: null })
  const state = t.keyof({ open: null, retrying: null, fallback: null })

  const ref = t.unknown
  const text = { source: t.string, timestamp: t.string, data: t.string }
  const entry = struct('LogEntry', text)
  const line = struct('Line', { _tag: t.literal('Line'), ref, index: t.number, ...text, cursor: Cursor })

  const known = { ref, job: t.unknown }
  const links = struct('JobLinks', {}, { job: t.string, log: t.string, content: t.string })
  const over = struct('Outcome', { ...known, phase: t.keyof(ends) }, { links })
  const failing = { failure: t.unknown, failureError: apiError, links }
  const failed = struct('Outcome', { ...known, phase: t.literal('failed') }, failing)
  // t.union would report what is wrong once for each of them, and cost a kilobyte.
  const outcome = codecOf(
    'Outcome',
    (u): u is Outcome<unknown, unknown, unknown> => over.is(u) || failed.is(u),
    (u, context) => (Reflect.get(Object(u), 'phase') === 'failed' ? failed : over).validate(u, context),
  )
  return {
    Status: struct('Status', { ...known, phase }),
    Line: line,
    Gap: struct('Gap', { ref, reason, cursor: Cursor }, { before: line, after: entry }),
    Connection: struct(
      'Connection',
      { ref, channel, state, attempt: t.number, retryInMs: t.number },
      { error: apiError },
    ),
    Settled: struct('Settled', { ref, outcome }),
  }
}

const events = /* @__PURE__ */ codecs()

const isEvent = (u: unknown): u is AnyEvent => byTag(u, events)?.is(u) ?? false

function validate(u: unknown, context: t.Context): t.Validation<AnyEvent> {
  const decoded = byTag(u, events)?.validate(u, context) ?? t.failure(u, context)
  if (decoded._tag === 'Left') return decoded
  return isEvent(decoded.right) ? t.success(decoded.right) : t.failure(u, context)
}

/**
 * Sends events as JSON and reads them back: `encode` gives plain data, also for structured clones, `decode` the event, with errors of the
 * classes and messages that they had. What an error does not show in its JSON, such as the body of a response, is not sent.
 *
 * `ref`, `job` and `failure` are what their JSON is, of type unknown: decode them with codecs of your service. Fields that are not known
 * are kept.
 *
 * @example
 * ```ts
 * import { jobEventCodec } from 'rxjobs'
 *
 * const status = { _tag: 'Status', ref: 'a', job: { percent: 50 }, phase: 'running' } as const
 * const sent = JSON.stringify(jobEventCodec.encode(status))
 * jobEventCodec.decode(JSON.parse(sent)) // => { _tag: 'Right', right: status }
 * jobEventCodec.decode({ _tag: 'Status', ref: 'a' })._tag // => 'Left'
 * ```
 */
export const jobEventCodec: t.Type<AnyEvent, unknown> = /* @__PURE__ */ new t.Type<AnyEvent, unknown>(
  'JobEvent',
  isEvent,
  validate,
  (event): unknown => JSON.parse(JSON.stringify(event)),
)
