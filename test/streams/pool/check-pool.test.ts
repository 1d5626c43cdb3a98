import { NEVER, of } from 'rxjs'
import { pooled } from 'rxjobs'
import { expect, test } from 'vitest'
import { checkPool } from '../../../src/streams/pool/check-pool.ts'
import { refusal } from '../../apis/support.ts'
import { letters } from '../support/letters.ts'

const source = letters(() => of('s'))

test.each([
  [{ requestsPerMinute: 0 }, 'requestsPerMinute must be a whole number from 1 up, was 0'],
  [{ requestsPerMinute: 2.5 }, 'requestsPerMinute must be a whole number from 1 up, was 2.5'],
  [{ requestsPerMinute: Number.NaN }, 'requestsPerMinute must be a whole number from 1 up, was NaN'],
  [{}, 'requestsPerMinute must be a whole number from 1 up, was missing'],
  [{ requestPerMinute: 60 }, 'there is no option "requestPerMinute"; is "requestsPerMinute" meant?'],
  [{ requestsPerMinute: 60, maxConcurrent: 0 }, 'maxConcurrent must be a whole number from 1 up, was 0'],
  [{ requestsPerMinute: 60, every: 0 }, 'every must be a positive number of milliseconds, was 0'],
  [{ requestsPerMinute: 60, random: 0.5 }, 'random must be a function, such as Math.random, was 0.5'],
  [{ requestsPerMinute: 60, scheduler: {} }, 'scheduler must be a scheduler of rxjs, was {}'],
  [undefined, 'the budget must be an object, such as { requestsPerMinute: 300 }, not missing'],
  [300, 'the budget must be an object, such as { requestsPerMinute: 300 }, not 300'],
])('%j is refused at the call', (options, words) => {
  // @ts-expect-error JavaScript has no compiler to refuse some of them
  expect(refusal(() => pooled(source, options))).toBe(`pooled: ${words}`)
})

test('a budget that no look fits into is refused', () => {
  expect(refusal(() => checkPool({ ...source, requests: 2 }, { requestsPerMinute: 1 }))).toBe(
    'pooled: requestsPerMinute must be a whole number from 2 up, was 1',
  )
})

test('a client is no source', () => {
  // @ts-expect-error JavaScript has no compiler to refuse it
  expect(refusal(() => checkPool({ jobs: letters(() => NEVER) }, { requestsPerMinute: 60 }))).toBe(
    'pooled: the first argument is no source of jobs: that is a client; give its `jobs`',
  )
})

test('what can be kept is taken', () => {
  const options = { requestsPerMinute: 1, maxConcurrent: Number.POSITIVE_INFINITY, every: 5, random: Math.random }
  expect(() => checkPool(source, options)).not.toThrow()
})
