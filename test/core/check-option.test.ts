import { asyncScheduler, of } from 'rxjs'
import { expect, test } from 'vitest'
import {
  checkAs,
  checkObservable,
  checkOption,
  isFunction,
  isNotNegative,
  isPositive,
  isScheduler,
} from '../../src/core/check-option.ts'

test('what was not given is well, what was given must be good', () => {
  const never = (): boolean => false
  expect(() => checkOption('size', undefined, never, 'large')).not.toThrow()
  expect(() => checkOption('size', 7, () => true, 'large')).not.toThrow()
  expect(() => checkOption('size', 7, never, 'large')).toThrow(new TypeError('size must be large, was 7'))
  expect(() => checkOption('size', null, never, 'large')).toThrow(new TypeError('size must be large, was null'))
})

test.each<[unknown, positive: boolean, notNegative: boolean]>([
  [1, true, true],
  [Number.POSITIVE_INFINITY, true, true],
  [0, false, true],
  [-1, false, false],
  [Number.NaN, false, false],
  ['1', false, false],
])('%o: positive %s, not negative %s', (value, positive, notNegative) => {
  expect([isPositive(value), isNotNegative(value)]).toEqual([positive, notNegative])
})

test('functions and schedulers are told by what they can do', () => {
  expect([isFunction(test), isFunction({})]).toEqual([true, false])
  expect([isScheduler(asyncScheduler), isScheduler({}), isScheduler(null), isScheduler(7)]).toEqual([
    true,
    false,
    false,
    false,
  ])
})

test('what is no Observable is told as what it is', () => {
  expect(() => checkObservable('toX', of(1))).not.toThrow()
  expect(() => checkObservable('toX', Promise.resolve(1))).toThrow(
    new TypeError('toX: it takes an Observable, not a promise; give from(promise)'),
  )
  expect(() => checkObservable('toX', 'a')).toThrow(new TypeError('toX: it takes an Observable, not a string'))
})

test('a check of another function speaks in the name of the caller; what is no refusal stays as it is', () => {
  const refused = new TypeError('getJob: key must be text')
  const check = (error: Error) => () => {
    throw error
  }
  expect(() => checkAs('watchJob', check(refused))).toThrow(
    new TypeError('watchJob: getJob: key must be text', { cause: refused }),
  )
  expect(() => checkAs('watchJob', check(new RangeError('a defect')))).toThrow(new RangeError('a defect'))
  expect(() => checkAs('watchJob', () => 'well')).not.toThrow()
})
