import { expect, test } from 'vitest'
import { eventFrames } from '../../../src/core/framing/event-frames.ts'
import { Mismatch } from '../../../src/core/reader.ts'

const read = (...pieces: ReadonlyArray<string>): ReadonlyArray<unknown> => {
  const frames = eventFrames()
  return pieces.flatMap((piece) => frames.push(piece))
}

test.each([
  ['comments and other fields', ': hello\nid: 7\nretry: 10\ndata: {"a":1}\n\n', [{ a: 1 }]],
  ['no space after the colon', 'data:{"a":1}\n\n', [{ a: 1 }]],
  ['one space is taken away, not two', 'data:  " x"\n\n', [' x']],
  ['data on several lines', 'data: {\ndata: "a": 1\ndata: }\n\n', [{ a: 1 }]],
  ['a field without a colon', 'data\n\ndata: 1\n\n', [1]],
  ['data that is blank', 'data: \n\ndata:\n\n', []],
  ['an event with a type of its own', 'event: line\ndata: 1\n\n', [1]],
  ['a word of the server', 'event: end\ndata: bye\n\ndata: 1\n\n', [1]],
  ['a field that nobody knows', 'dat: 1\nDATA: 2\ndata: 3\n\n', [3]],
])('%s', (_, text, values) => {
  expect(read(text)).toEqual(values)
  expect(read(...text.split(''))).toEqual(values)
})

test('the type of one event is not that of the next', () => {
  expect(() => read('event: end\ndata: bye\n\ndata: bye\n\n')).toThrow(Mismatch)
  expect(() => read('event: message\ndata: bye\n\n')).toThrow(Mismatch)
})

test('a CRLF cut in two is one line end, and LF after a blank line of CR is another', () => {
  expect(read('data: 1\r', '\n', '\r', '\n')).toEqual([1])
  expect(read('data: [1,\r', '', '\ndata: ', '2]\r\r')).toEqual([[1, 2]])
  expect(read('data: {"a":\r', '\ndata: 2}\r\r')).toEqual([{ a: 2 }])
})

test('an event without its blank line is no value, and counts as pending', () => {
  const frames = eventFrames()
  expect(frames.push('data: {"a":1}\nda')).toEqual([])
  expect(frames.pending()).toBe('{"a":1}'.length + 'da'.length)
  expect(frames.push('ta:\n\n')).toEqual([{ a: 1 }])
  expect(frames.pending()).toBe(0)
})
