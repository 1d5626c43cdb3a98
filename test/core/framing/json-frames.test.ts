import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonFrames } from '../../../src/core/framing/json-frames.ts'
import { Mismatch } from '../../../src/core/reader.ts'
import { cuts, jsonBody, pieces } from '../support/arrangements.ts'

const read = (...texts: ReadonlyArray<string>): ReadonlyArray<unknown> => {
  const frames = jsonFrames()
  return texts.flatMap((text) => frames.push(text))
}

test('finds the values of every arrangement, however it is cut', () => {
  fc.assert(
    fc.property(jsonBody, cuts, ({ bytes, values }, at) => {
      const decoder = new TextDecoder()
      const texts = pieces(bytes, at).map((piece) => decoder.decode(piece, { stream: true }))
      expect(
        read(...texts).flatMap((value) => (Array.isArray(value) ? (value as ReadonlyArray<unknown>) : [value])),
      ).toEqual(values)
    }),
    { numRuns: 1000 },
  )
})

test('a value is given with the piece that completes it, with or without its line end', () => {
  const frames = jsonFrames()
  expect(frames.push('{"a":1}')).toEqual([{ a: 1 }])
  expect(frames.push('\n')).toEqual([])
  expect(frames.push('{"a":2}\n{"a"')).toEqual([{ a: 2 }])
  expect(frames.pending()).toBe(4)
  expect(frames.push(':3}          ')).toEqual([{ a: 3 }])
  expect(frames.pending()).toBe(0)
})

test('lines may turn into values one after the other, and into values on many lines', () => {
  expect(read('{"a":1}\n{"b":2}{"c":3}\n{}\n{\n"d":4\n}\n')).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }, {}, { d: 4 }])
  expect(read('{"a":1}\n', '{"b":2}{"c":', '3}{"d"')).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }])
})

test('braces and brackets inside a string do not make a line two values', () => {
  const line = JSON.stringify({ data: '[INFO] [main] } { ]' })
  for (let at = 1; at < line.length; at++) {
    const frames = jsonFrames()
    expect([frames.push(line.slice(0, at)), frames.push(line.slice(at))].flat()).toEqual([JSON.parse(line)])
  }
})

test('the lines of a body of one piece may be many', () => {
  expect(read('{}'.repeat(300_000))).toHaveLength(300_000)
  expect(read('{}\n'.repeat(300_000))).toHaveLength(300_000)
})

test.each(['{"a":1}\noops\n', '{"a":1} oops\n{}', '{"a":1} oops ', '[{"a":1}] } '])(
  '%j holds what is no JSON',
  (text) => {
    expect(() => read(text)).toThrow(Mismatch)
    expect(() => read(...text.split(''))).toThrow(Mismatch)
  },
)
