import { NEVER, of } from 'rxjs'
import {
  cancelJob,
  followJob,
  pooled,
  tailLog,
  thenFetchErrors,
  thenFollow,
  thenTail,
  thenWatch,
  watchJob,
} from 'rxjobs'
import { connect } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { refusal } from '../apis/support.ts'
import { letters } from './support/letters.ts'

const source = letters(() => NEVER)
const pc = connect({ server: 'https://connect.example.com', apiKey: 'k' })
const ref = { guid: 'g', key: 'k' }

test.each<[given: object, words: string]>([
  [
    { deadline: 0 },
    'deadline must be a positive number of milliseconds, at most a year, or a moment: new Date(…), was 0',
  ],
  [{ deadline: Number.NaN }, 'deadline must be a positive number of milliseconds, at most a year'],
  [{ deadline: new Date('no') }, 'deadline must be a positive number of milliseconds, at most a year'],
  [{ deadline: Date.UTC(2026, 0) }, 'deadline must be a positive number of milliseconds, at most a year, or a moment'],
  [
    { pollInterval: '100' },
    'pollInterval must be milliseconds, or a function such as adaptiveInterval(), was a string',
  ],
  [{ retry: { maxAttempts: 0 } }, 'retry must be'],
  [{ retry: 'never' }, 'retry must be a boolean or { maxAttempts, maxRetryAfter, when }, was a string'],
  [{ retry: { attempts: 3 } }, 'retry must be'],
  [{ random: 0.5 }, 'random must be a function, was 0.5'],
  [{ onConnection: 'log' }, 'onConnection must be a function, was a string'],
  [{ scheduler: {} }, 'scheduler must be a scheduler of rxjs, was'],
  [{ cancelOn: Promise.resolve() }, 'cancelOn must be an Observable, was a promise'],
  [{ cancelOnUnsubscribe: 'yes' }, 'cancelOnUnsubscribe must be true or false, was a string'],
  [{ cancelOnUnsubscribe: true }, 'this source cannot cancel a job: it has no `cancel`'],
  [{ cancelOn: of(1) }, 'this source cannot cancel a job: it has no `cancel`'],
  [
    { deadLine: 5 },
    'unknown option deadLine; there are retry, scheduler, random, onConnection, pollInterval, deadline',
  ],
  [{ from: 'start' }, 'unknown option from; there are'],
])('the options %o are refused synchronously, in the name of the function', (given, words) => {
  expect(refusal(() => Reflect.apply(watchJob, undefined, [source, 'a', given]))).toContain(`watchJob: ${words}`)
})

test.each<[given: object, words: string]>([
  [{ stallTimeout: -1 }, 'stallTimeout must be a positive number, was -1'],
  [{ maxLineLength: 0 }, 'maxLineLength must be a positive number, was 0'],
  [{ onGap: 'skip' }, 'onGap must be one of repair, emit, error, was a string'],
  [{ from: 'end' }, 'from must be'],
])('the options %o of a tail are refused', (given, words) => {
  expect(refusal(() => Reflect.apply(followJob, undefined, [source, 'a', given]))).toContain(`followJob: ${words}`)
  expect(refusal(() => Reflect.apply(tailLog, undefined, [pc.jobs, ref, given]))).toContain(`tailLog: ${words}`)
})

test('options without a bound are taken', () => {
  const year = 366 * 86_400_000
  const deadlines = [year, Number.POSITIVE_INFINITY, new Date(0)].map((deadline) => ({ deadline }))
  for (const options of [{}, ...deadlines, { retry: {} }]) {
    expect(() => watchJob(source, 'a', options)).not.toThrow()
  }
})

test.each<[given: unknown, what: string]>([
  [undefined, 'undefined'],
  ['a', 'a string'],
  [{ jobs: source }, 'an object with the keys ["jobs"]'],
  [{ status: () => NEVER, phase: () => 'running' }, 'an object with the keys ["status","phase"]'],
])('%o is no source', (given, what) => {
  for (const [name, call] of Object.entries({
    watchJob,
    followJob,
    thenWatch,
    thenFollow,
    thenTail,
    thenFetchErrors,
  })) {
    expect(refusal(() => Reflect.apply(call, undefined, [given, 'a', {}]))).toBe(
      `${name}: the first argument is no JobSource; give the \`jobs\` of a client, or what jobSource({ status, phase }) makes, not ${what}`,
    )
  }
})

test.each<[ref: unknown, words: string]>([
  [undefined, '(undefined)'],
  [null, '(null)'],
  [of(ref), '(an Observable)'],
  [Promise.resolve(ref), '(a promise)'],
  [{ guid: 'g', id: '7' }, '(getJob: key must be a string'],
  ['g/7', '(getJob: its parameters must be { guid, key }, was a string)'],
])('the reference %o names no job', (given, words) => {
  for (const [name, call] of Object.entries({ watchJob, followJob, tailLog, cancelJob })) {
    expect(refusal(() => Reflect.apply(call, undefined, [pc.jobs, given]))).toContain(
      `${name}: the reference names no job ${words}`,
    )
  }
})

test('what a source throws that is no TypeError is no invalid reference', () => {
  const keyOf = (): never => {
    throw new RangeError('a defect')
  }
  expect(() => watchJob({ ...source, keyOf }, 'a')).toThrow(new RangeError('a defect'))
})

test('a source without a log has none to tail, one that cannot cancel cancels nothing', () => {
  expect(refusal(() => Reflect.apply(tailLog, undefined, [source, 'a']))).toBe(
    'tailLog: this source has no log; watchJob needs none',
  )
  expect(refusal(() => Reflect.apply(cancelJob, undefined, [source, 'a']))).toBe(
    'cancelJob: this source cannot cancel a job: it has no `cancel`',
  )
})

test.each([0, 1.5, -1, Number.NaN])('a budget of %d requests a minute is refused', (requestsPerMinute) => {
  expect(refusal(() => pooled(source, { requestsPerMinute }))).toBe(
    `pooled: requestsPerMinute must be a whole number from 1 up, was ${requestsPerMinute}`,
  )
})
