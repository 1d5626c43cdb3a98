import { option as O } from 'fp-ts'
import { concat, lastValueFrom, type Observable, of, throwError, toArray } from 'rxjs'
import { HttpError, type JobEvent, type LogLine, NetworkError } from 'rxjobs'
import { expect, test } from 'vitest'
import { tell } from '../../../demo/jobs/tell.ts'
import type { Told } from '../../../demo/jobs/told.ts'

type Event = JobEvent<number, string, string>

const ref = 7
const cursor = { count: 1, timestamp: '', at: 0, digest: 0 }
const asked = { method: 'GET', path: '/jobs/7' }
const error = new NetworkError({ ...asked, cause: new Error('gone') })
const outcome = { ref, job: 'broken', phase: 'failed', failure: O.some('no disk'), failureError: O.none } as const
const line: LogLine<number> = { _tag: 'Line', ref, index: 0, source: 'stderr', timestamp: '', data: 'oh', cursor }

const told = (events: Observable<Event>): Promise<ReadonlyArray<Told>> =>
  lastValueFrom(events.pipe(tell({ status: (job) => `it is ${job}`, why: (failure) => [failure] }), toArray()))

test.each<[string, Event, ReadonlyArray<Told>]>([
  ['a status', { _tag: 'Status', ref, job: 'fine', phase: 'running' }, [{ kind: 'status', text: 'it is fine' }]],
  ['a line', line, [{ kind: 'line', source: 'stderr', text: 'oh' }]],
  [
    'a gap',
    { _tag: 'Gap', ref, reason: 'window', before: O.none, after: O.none, cursor },
    [{ kind: 'trouble', text: 'lines are missing here (window)' }],
  ],
  [
    'a connection that is well',
    { _tag: 'Connection', ref, to: 'log', state: 'open', attempt: 0, waitMs: 0, error: O.none },
    [],
  ],
  [
    'a connection that is not',
    { _tag: 'Connection', ref, to: 'log', state: 'retrying', attempt: 1, waitMs: 99.6, error: O.some(error) },
    [{ kind: 'trouble', text: 'log connection: NetworkError, trying again in 100 ms' }],
  ],
  [
    'a connection given up',
    { _tag: 'Connection', ref, to: 'live', state: 'fallback', attempt: 1, waitMs: 0, error: O.some(error) },
    [{ kind: 'trouble', text: 'live connection: NetworkError, going on without it' }],
  ],
  ['a failure', { _tag: 'Settled', ref, outcome }, [{ kind: 'end', end: 'failed', why: ['no disk'] }]],
  [
    'a failure for an unknown reason',
    { _tag: 'Settled', ref, outcome: { ...outcome, failure: O.none, failureError: O.some(error) } },
    [{ kind: 'end', end: 'failed', why: [`the reason could not be read: ${error.message}`] }],
  ],
  [
    'a success',
    { _tag: 'Settled', ref, outcome: { ...outcome, phase: 'succeeded', failure: O.none } },
    [{ kind: 'end', end: 'succeeded', why: [] }],
  ],
])('%s', async (_, event, expected) => {
  expect(await told(of(event))).toEqual(expected)
})

test.each([
  [new HttpError({ ...asked, status: 404 }), 'GET /jobs/7: 404'],
  [new Error('the content has no job'), 'the content has no job'],
  ['a word', 'a word'],
])('an error is the end of this job alone: %s', async (thrown, why) => {
  const failing = concat(
    of(line),
    throwError(() => thrown),
  )
  expect(await told(failing)).toEqual([
    { kind: 'line', source: 'stderr', text: 'oh' },
    { kind: 'end', end: 'lost', why: [why] },
  ])
})
