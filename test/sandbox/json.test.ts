import { expect, test } from 'vitest'
import { isObject, parseObject } from '../../sandbox/json.ts'

test('only an object is an object', () => {
  expect([{}, { a: 1 }].every(isObject)).toBe(true)
  expect([null, [], 'a', 1, undefined].some(isObject)).toBe(false)
})

test('parses objects and nothing else', () => {
  expect(parseObject('{"a":1}')).toEqual({ a: 1 })
  expect(['[1]', '1', 'null', '{', ''].map(parseObject)).toEqual(Array(5).fill(undefined))
})
