import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from './support/files.ts'

/** The rows of all tables of the page, as their cells; without the heads. */
const rows = readFileSync(join(root, 'docs', 'faults.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| fault |'))
  .map((line) => line.slice(2, -2).split(' | '))

/** A link to a file of tests, and behind it the beginnings of their names in quotation marks. */
const reference = /\[[^\]]+\]\(\.\.\/(test\/[^)]+)\)((?: "[^"]+",?)+)/g

const named = rows.flatMap(([fault = '', , tests = '']) =>
  [...tests.matchAll(reference)].flatMap(([, file = '', names = '']) =>
    [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => ({ fault, file, name })),
  ),
)

/** Whether the source calls a function with a text that begins so: `test('…`, `test.each(…)("…`. */
const hasTest = (source: string, name: string): boolean =>
  ["'", '"', '`'].some((quote) => source.replaceAll(/\(\s+/g, '(').includes(`(${quote}${name}`))

describe('each fault has a guarantee and a test', () => {
  test.each(rows)('%s', (fault, guaranteed = '', ...rest) => {
    expect(guaranteed, 'a guarantee').not.toBe('')
    expect(rest, 'three cells').toHaveLength(1)
    expect(
      named.some((one) => one.fault === fault),
      'a test',
    ).toBe(true)
  })
})

test.each(named)('$file has "$name"', ({ file, name }) => {
  expect(existsSync(join(root, file)), 'the file').toBe(true)
  expect(hasTest(readFileSync(join(root, file), 'utf8'), name), 'the test').toBe(true)
})

test('the names of tests are found, and others are not', () => {
  expect(hasTest("test('a name', () => {", 'a na')).toBe(true)
  expect(hasTest('])(\n  "a name",\n', 'a name')).toBe(true)
  expect(hasTest("const name = 'a name'", 'a name')).toBe(false)
})
