import { asyncScheduler, NEVER, VirtualTimeScheduler } from 'rxjs'
import { type Connection, type TailOptions, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import type { ConnectionChange } from '../../src/streams/connection.ts'
import { checkOptions, checkStream, clockOf, nameOf, patienceOf } from '../../src/streams/options.ts'
import { refusal } from '../apis/support.ts'
import { letters } from './support/letters.ts'

test('the clock is the option’s, else the source’s, else rxjs’s', () => {
  const [own, of] = [new VirtualTimeScheduler(), new VirtualTimeScheduler()]
  const plain = letters(() => NEVER)
  expect(clockOf({ ...plain, scheduler: of }, { scheduler: own })).toBe(own)
  expect(clockOf({ ...plain, scheduler: of }, {})).toBe(of)
  expect(clockOf(plain, {})).toBe(asyncScheduler)
})

test('patience: twenty failures in a row, the source’s exceptions, and whoever listens, told whose they are', () => {
  const transient = (): boolean => true
  const told: Array<Connection> = []
  const source = letters(() => NEVER, { transient })
  const patience = patienceOf(source, 'a', { onConnection: (connection) => told.push(connection) })
  expect(patience).toMatchObject({ maxFailures: 20, transient, scheduler: asyncScheduler })
  const open: ConnectionChange = { to: 'log', state: 'open', attempt: 0, waitMs: 0, error: { _tag: 'None' } }
  patience.report(open)
  expect(told).toEqual([{ ref: 'a', ...open }])
  expect(patienceOf(source, 'a', { maxFailures: 0 }).maxFailures).toBe(0)
  expect(() => patienceOf(source, 'a', {}).report(open)).not.toThrow()
})

test.each([
  [{ deadline: 0 }, 'deadline must be a positive number of milliseconds, was 0'],
  [{ deadline: -1 }, 'deadline must be a positive number of milliseconds, was -1'],
  [{ deadline: Number.NaN }, 'deadline must be a positive number of milliseconds, was NaN'],
  [{ maxFailures: -1 }, 'maxFailures must be a number from 0 up, was -1'],
  [{ maxFailures: Number.NaN }, 'maxFailures must be a number from 0 up, was NaN'],
  [{ silence: -1 }, 'silence must be a positive number of milliseconds, was -1'],
  [{ maxLineBytes: 0 }, 'maxLineBytes must be a positive number of UTF-16 units, was 0'],
  [{ cadence: 100 }, 'cadence must be a function, such as every(1_000), was 100'],
  [{ onConnection: 'log' }, 'onConnection must be a function, was "log"'],
  [{ scheduler: {} }, 'scheduler must be a scheduler of rxjs, was {}'],
  [{ onGap: 'skip' }, "onGap must be 'repair', 'emit' or 'error', was \"skip\""],
])('%o is refused, at the call', (given, words) => {
  // @ts-expect-error JavaScript has no compiler to refuse some of them
  const options: TailOptions<string> = given
  expect(refusal(() => checkOptions(options))).toBe(words)
  expect(
    refusal(() =>
      watchJob(
        letters(() => NEVER),
        'a',
        options,
      ),
    ),
  ).toBe(words)
})

test('what can be kept is taken, without a bound as well', () => {
  for (const options of [{}, { deadline: 1 }, { deadline: Number.POSITIVE_INFINITY }, { maxFailures: 0 }]) {
    expect(() => checkOptions(options)).not.toThrow()
  }
})

test('what is no source, and a reference that is not there, are told as what they are', () => {
  const client = { jobs: letters(() => NEVER) }
  // @ts-expect-error the client instead of its jobs
  expect(refusal(() => checkStream(client, {}))).toMatch(/give a JobSource, such as the `jobs` of a client/)
  // @ts-expect-error no reference at all
  expect(refusal(() => watchJob(client.jobs))).toBe('the reference that names the job is missing')
  expect(nameOf(client.jobs, 'a')).toBe(client.jobs.keyOf('a'))
})
