import fc from 'fast-check'
import { expect, test } from 'vitest'
import { none, parse, whole, wholeEach } from '../../../src/core/framing/json-text.ts'
import { Mismatch } from '../../../src/core/reader.ts'

const json = fc.jsonValue().map((value) => JSON.stringify(value))

test('one text is its value, or none, or a Mismatch', () => {
  fc.assert(
    fc.property(json, (text) => {
      expect(whole(text)).toEqual(JSON.parse(text))
      expect(parse(text)).toEqual(JSON.parse(text))
    }),
  )
  expect(whole('{"a":')).toBe(none)
  expect(() => parse('{"a":')).toThrow(Mismatch)
})

test('many texts are a value each', () => {
  fc.assert(
    fc.property(fc.array(json), (texts) => {
      expect(wholeEach(texts)).toEqual(texts.map((text): unknown => JSON.parse(text)))
    }),
  )
})

test('texts that only make values together are not taken for values', () => {
  fc.assert(
    fc.property(fc.array(json), json, fc.nat(), fc.array(json), (before, text, cut, after) => {
      const at = cut % (text.length + 1)
      const parts = [text.slice(0, at), text.slice(at)]
      const texts = [...before, ...parts, ...after]
      const apart = texts.map(whole)
      expect(wholeEach(texts)).toEqual(apart.includes(none) ? undefined : apart)
    }),
  )
})

test.each([[['{"a":"x', 'y"}']], [['{"a":"x', 'y"}', '1,2']], [['1,2']], [['', '1']], [['1]', '[2']], [['[1', '2]']]])(
  '%j is not a value each',
  (texts) => {
    expect(wholeEach(texts)).toBeUndefined()
  },
)
