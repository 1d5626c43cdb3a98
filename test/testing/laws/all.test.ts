import { expect, test } from 'vitest'
import { all } from '../../../src/testing/laws/all.ts'

test('each law has a number, in order, and a name of its own', () => {
  expect(all.map(({ name }) => Number(/^law (\d+): \w/.exec(name)?.[1]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(new Set(all.map(({ name }) => name)).size).toBe(10)
})
