import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonScanner } from '../../../src/core/framing/json-scanner.ts'
import { Mismatch } from '../../../src/core/reader.ts'
import { array, concatenated, cuts, pieces } from '../support/arrangements.ts'

const scan = (...texts: ReadonlyArray<string>): ReadonlyArray<string> => {
  const scanner = jsonScanner()
  return texts.flatMap((text) => scanner.push(text))
}

test('finds each value as it was written, wherever the text is cut', () => {
  fc.assert(
    fc.property(fc.oneof(array, concatenated), cuts, ({ bytes, values }, at) => {
      const decoder = new TextDecoder()
      const texts = pieces(bytes, at).map((piece) => decoder.decode(piece, { stream: true }))
      expect(scan(...texts).map((text): unknown => JSON.parse(text))).toEqual(values)
    }),
    { numRuns: 1000 },
  )
})

test('gives the text and parses nothing', () => {
  expect(scan('{ "a" : 1.0 }{"b":[1,\n2]}')).toEqual(['{ "a" : 1.0 }', '{"b":[1,\n2]}'])
})

test('gives words, numbers and strings too, so that none is lost', () => {
  expect(scan('[nu', 'll, 12,"a]\\"b", true] fal', 'se oops {"a":1}', '"x"')).toEqual([
    ...['null', '12', '"a]\\"b"', 'true', 'false', 'oops', '{"a":1}', '"x"'],
  ])
})

test('a word may go on until something follows it', () => {
  const scanner = jsonScanner()
  expect(scanner.push('12')).toEqual([])
  expect(scanner.pending()).toBe(2)
  expect(scanner.push('3{')).toEqual(['123'])
  expect(scanner.pending()).toBe(1)
  expect(scanner.push('} \n')).toEqual(['{}'])
  expect(scanner.pending()).toBe(0)
})

test.each([
  ['{"a":1', '{"a":1'],
  ['{"a":{}', '{"a":{}'],
  ['{"a":"x\n', '{"a":"x'],
  ['{"a":"x"', '{"a":"x"'],
])('%j and then another value: the first one broke off', (broken, told) => {
  for (const texts of [[`${broken} {"b":2}`], [...broken.split(''), ' ', '{"b":2}']]) {
    let thrown: unknown
    try {
      scan(...texts)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(Mismatch)
    expect(thrown).toMatchObject({
      issues: [{ expected: 'JSON', actual: expect.stringContaining(JSON.stringify(told).slice(0, -1)) as unknown }],
    })
  }
})
