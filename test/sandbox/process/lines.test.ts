import { expect, test } from 'vitest'
import { createLineSplitter } from '../../../sandbox/process/lines.ts'

function split(...chunks: Buffer[]): string[] {
  const lines: string[] = []
  const splitter = createLineSplitter((line) => lines.push(line))
  for (const chunk of chunks) splitter.push(chunk)
  splitter.end()
  return lines
}

test('a text gives the same lines wherever it is cut', () => {
  const text = Buffer.from('één\r\nzwei 🎈\n\nlast')
  const whole = split(text)
  expect(whole).toEqual(['één', 'zwei 🎈', '', 'last'])
  for (let at = 0; at <= text.length; at += 1) expect(split(text.subarray(0, at), text.subarray(at))).toEqual(whole)
  expect(split(...[...text].map((byte) => Buffer.of(byte)))).toEqual(whole)
})

test('a newline at the end begins no further line', () => {
  expect(split(Buffer.from('a\n'))).toEqual(['a'])
  expect(split()).toEqual([])
})

test('a line without an end goes out in pieces', () => {
  const lines = split(Buffer.alloc(3 << 20, 'x'))
  expect(lines.length).toBeGreaterThan(1)
  expect(lines.join('')).toBe('x'.repeat(3 << 20))
})
