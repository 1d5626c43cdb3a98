import { concat, lastValueFrom, type Observable, of, throwError, toArray } from 'rxjs'
import { HttpError, type JobEvent, type LogLine, NetworkError } from 'rxjobs'
import { expect, test } from 'vitest'
import { toUpdates, type Update } from '../../demo/updates.ts'

type Event = JobEvent<number, string, string>

const ref = 7
const cursor = { job: '7', offset: 1, timestamp: '', linesAtTimestamp: 0, checksum: 0 }
const request = { method: 'GET', path: '/jobs/7' }
const error = new NetworkError({ ...request, cause: new Error('gone') })
const failed = { ref, job: 'broken', phase: 'failed' } as const
const line: LogLine<number> = { _tag: 'Line', ref, index: 0, source: 'stderr', timestamp: '', data: 'oh', cursor }

const updatesOf = (events: Observable<Event>): Promise<ReadonlyArray<Update>> =>
  lastValueFrom(events.pipe(toUpdates({ status: (job) => `it is ${job}`, reasons: (failure) => [failure] }), toArray()))

test.each<[string, Event, ReadonlyArray<Update>]>([
  ['a status', { _tag: 'Status', ref, job: 'fine', phase: 'running' }, [{ kind: 'status', text: 'it is fine' }]],
  ['a line', line, [{ kind: 'line', source: 'stderr', text: 'oh' }]],
  [
    'a gap',
    { _tag: 'Gap', ref, reason: 'window', cursor },
    [{ kind: 'trouble', text: 'lines are missing here (window)' }],
  ],
  ['an open connection', { _tag: 'Connection', ref, channel: 'log', state: 'open', attempt: 0, retryInMs: 0 }, []],
  [
    'a connection that is retried',
    { _tag: 'Connection', ref, channel: 'log', state: 'retrying', attempt: 1, retryInMs: 99.6, error },
    [{ kind: 'trouble', text: 'log connection: NetworkError, trying again in 100 ms' }],
  ],
  [
    'a connection given up',
    { _tag: 'Connection', ref, channel: 'live', state: 'fallback', attempt: 1, retryInMs: 0, error },
    [{ kind: 'trouble', text: 'live connection: NetworkError, going on without it' }],
  ],
  [
    'a failure',
    { _tag: 'Settled', ref, outcome: { ...failed, failure: 'no disk' } },
    [{ kind: 'end', end: 'failed', reasons: ['no disk'] }],
  ],
  [
    'a failure whose reason cannot be read',
    { _tag: 'Settled', ref, outcome: { ...failed, failureError: error } },
    [{ kind: 'end', end: 'failed', reasons: [`the reason could not be read: ${error.message}`] }],
  ],
  [
    'a success',
    { _tag: 'Settled', ref, outcome: { ...failed, phase: 'succeeded' } },
    [{ kind: 'end', end: 'succeeded', reasons: [] }],
  ],
])('%s', async (_, event, expected) => {
  expect(await updatesOf(of(event))).toEqual(expected)
})

test.each([
  [new HttpError({ ...request, status: 404 }), 'GET /jobs/7: 404'],
  [new Error('the content has no job'), 'the content has no job'],
  ['a text', 'a text'],
])('an error is the last update: %s', async (thrown, reason) => {
  const failing = concat(
    of(line),
    throwError(() => thrown),
  )
  expect(await updatesOf(failing)).toEqual([
    { kind: 'line', source: 'stderr', text: 'oh' },
    { kind: 'end', end: 'lost', reasons: [reason] },
  ])
})
