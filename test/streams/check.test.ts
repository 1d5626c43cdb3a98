import { NEVER, of } from 'rxjs'
import {
  cancelJob,
  followJob,
  tailLog,
  type TailOptions,
  thenFetchErrors,
  thenFollow,
  thenTail,
  thenWatch,
  watchJob,
} from 'rxjobs'
import { connect } from 'rxjobs/connect'
import { accessToken, genesys } from 'rxjobs/genesys'
import { expect, test } from 'vitest'
import {
  checkCancel,
  checkJob,
  checkLog,
  checkOptions,
  checkSource,
  checkStream,
} from '../../src/streams/check-stream.ts'
import { refusal } from '../apis/support.ts'
import { letters } from './support/letters.ts'

const source = letters(() => NEVER)

test.each([
  [{ deadline: 0 }, 'deadline must be a positive number of milliseconds, was 0'],
  [{ deadline: -1 }, 'deadline must be a positive number of milliseconds, was -1'],
  [{ deadline: Number.NaN }, 'deadline must be a positive number of milliseconds, was NaN'],
  [{ maxFailures: -1 }, 'maxFailures must be a number from 0 up, was -1'],
  [{ maxFailures: Number.NaN }, 'maxFailures must be a number from 0 up, was NaN'],
  [{ silence: -1 }, 'silence must be a positive number of milliseconds, was -1'],
  [{ maxLineBytes: 0 }, 'maxLineBytes must be a positive number of UTF-16 units, was 0'],
  [{ pollInterval: 100 }, 'cadence must be a function, such as every(1_000), was 100'],
  [{ random: 0.5 }, 'random must be a function, such as Math.random, was 0.5'],
  [{ onConnection: 'log' }, 'onConnection must be a function, was "log"'],
  [{ scheduler: {} }, 'scheduler must be a scheduler of rxjs, was {}'],
  [{ onGap: 'skip' }, "onGap must be 'repair', 'emit' or 'error', was \"skip\""],
  [{ cancelOn: Promise.resolve() }, 'cancelOn must be an Observable (of a promise: from(promise)), was a promise'],
  [{ cancelOnUnsubscribe: 'yes' }, 'cancelOnUnsubscribe must be true or false, was "yes"'],
  [{ cancelOnUnsubscribe: true }, 'cancelOnUnsubscribe: this source cannot cancel a job: it has no `cancel`'],
  [{ cancelOn: of(1) }, 'cancelOn: this source cannot cancel a job: it has no `cancel`'],
  [{ concurrency: 0 }, 'concurrency must be a whole number from 1 up, was 0'],
  [{ from: { count: -1 } }, /^watchJob: from is not a cursor of this package: count should be/],
  [{ cadance: every(5) }, 'there is no option "cadance"; is "cadence" meant?'],
  [{ deadLine: 5 }, 'there is no option "deadLine"; is "deadline" meant?'],
  [5_000, 'the options must be an object, such as { deadline: 60_000 }, not 5000'],
  [every(5), 'the options must be an object, such as { deadline: 60_000 }, not function'],
  [null, 'the options must be an object, such as { deadline: 60_000 }, not null'],
  [NEVER, 'the options must be an object, such as { deadline: 60_000 }, not an Observable'],
])('the options %o are refused at the call, in the name of what was called', (given, words) => {
  // @ts-expect-error JavaScript has no compiler to refuse them
  const options: TailOptions<string> = given
  const said = typeof words === 'string' ? `watchJob: ${words}` : words
  const refused = refusal(() => watchJob(source, 'a', options))
  if (typeof said === 'string') expect(refused).toBe(said)
  else expect(refused).toMatch(said)
})

test('what can be kept is taken, without a bound as well, and what is for another call', () => {
  const shared = { deadline: 5, label: 'a label', tag: 'run_app' }
  for (const options of [{}, { deadline: Number.POSITIVE_INFINITY }, { retry: { maxAttempts: 1 } }, shared]) {
    expect(() => checkOptions('watchJob', options)).not.toThrow()
  }
})

test.each([
  [undefined, 'give a JobSource, such as the `jobs` of a client, not missing'],
  ['a', 'give a JobSource, such as the `jobs` of a client, not a string'],
  [{ jobs: source }, 'that is a client; give its `jobs`'],
  [{ status: () => NEVER, phase: () => 'running' }, 'lift it: jobSource({ status, phase })'],
  [
    { server: 'https://host', apiKey: 'a-secret' },
    'give a JobSource, such as the `jobs` of a client, not an object with the keys ["server","apiKey"]',
  ],
])('%o is no source', (given, advice) => {
  // @ts-expect-error JavaScript has no compiler to refuse them
  expect(refusal(() => checkSource('watchJob', given))).toBe(
    `watchJob: the first argument is no source of jobs: ${advice}`,
  )
})

const pc = connect({ server: 'https://connect.example.com', apiKey: 'k' })
const cx = genesys({ region: 'eu_central_1', auth: accessToken('t') })
const ref = { guid: 'g', key: 'k' }

test.each<[ref: unknown, words: string]>([
  [undefined, 'that names the job is missing'],
  [null, 'that names the job is missing'],
  [of(ref), 'is an Observable; pipe that through thenWatch, thenTail or thenFollow'],
  [Promise.resolve(ref), 'is a promise; await it first'],
  [{ guid: 'g', id: '7' }, "names no job (getJob: key must be a string that is not empty, '.' or '..', was missing)"],
  ['42', "names no job (getJob: guid must be a string that is not empty, '.' or '..', was missing; key must be"],
])('the reference %o names no job', (given, words) => {
  // @ts-expect-error JavaScript has no compiler to refuse them
  const said = refusal(() => checkJob('watchJob', pc.jobs, given, {}))
  expect(said).toContain(`watchJob: the reference ${words}`)
})

test('a defect of the source is no bad reference', () => {
  const broken = {
    ...source,
    keyOf: () => {
      throw new RangeError('a defect')
    },
  }
  expect(() => checkJob('watchJob', broken, 'a', {})).toThrow(new RangeError('a defect'))
})

test('each function speaks in its own name', () => {
  // @ts-expect-error JavaScript has no compiler to refuse it
  const wrong: typeof pc.jobs = pc
  const bad = { guid: 'g', key: '' }
  const calls: ReadonlyArray<readonly [name: string, ofSource: () => unknown, ofRef?: () => unknown]> = [
    ['watchJob', () => watchJob(wrong, ref), () => watchJob(pc.jobs, bad)],
    ['tailLog', () => tailLog(wrong, ref), () => tailLog(pc.jobs, bad)],
    ['followJob', () => followJob(wrong, ref), () => followJob(pc.jobs, bad)],
    ['cancelJob', () => cancelJob(wrong, ref), () => cancelJob(pc.jobs, bad)],
    ['thenWatch', () => thenWatch(wrong)],
    ['thenTail', () => thenTail(wrong)],
    ['thenFollow', () => thenFollow(wrong)],
    ['thenFetchErrors', () => thenFetchErrors(wrong)],
  ]
  for (const [name, ofSource, ofRef] of calls) {
    expect(refusal(ofSource)).toBe(
      `${name}: the first argument is no source of jobs: that is a client; give its \`jobs\``,
    )
    if (ofRef !== undefined)
      expect(refusal(ofRef)).toMatch(new RegExp(`^${name}: the reference names no job \\(getJob: `))
  }
})

test('what a source cannot do is told before anything is asked', () => {
  expect(refusal(() => checkCancel('cancelJob', cx.jobs))).toBe(
    'cancelJob: this source cannot cancel a job: it has no `cancel`',
  )
  expect(refusal(() => checkLog('tailLog', cx.jobs))).toBe(
    'tailLog: the jobs of this source have no log; watchJob needs none',
  )
  expect(() => checkStream('watchJob', pc.jobs, { cancelOnUnsubscribe: true, cancelOn: NEVER })).not.toThrow()
  expect(() => checkLog('tailLog', pc.jobs)).not.toThrow()
})
