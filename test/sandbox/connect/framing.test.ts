import { expect, test } from 'vitest'
import { framings } from '../../../sandbox/connect/framing.ts'
import type { TailFraming } from '../../../sandbox/connect/settings.ts'

const texts = ['{"data":"a"}', '{"data":"b"}', '{"data":"c"}']

function body(framing: TailFraming, eol: string): string {
  const { open, encode, keepAlive, close } = framings[framing]
  return open + encode(texts.slice(0, 1), true, eol) + keepAlive(eol) + encode(texts.slice(1), false, eol) + close
}

test.each(['\n', '\r\n'])('each framing carries the same entries, a keep-alive between them', (eol) => {
  const wanted = ['a', 'b', 'c'].map((data) => ({ data }))
  const parsed = (lines: string[]): unknown[] => lines.map((line): unknown => JSON.parse(line))
  expect(JSON.parse(body('array', eol))).toEqual(wanted)
  expect(parsed(body('ndjson', eol).split(eol).filter(Boolean))).toEqual(wanted)
  expect(
    parsed(
      body('concatenated', eol)
        .replace(/\s/g, '')
        .split(/(?<=\})(?=\{)/),
    ),
  ).toEqual(wanted)
  const events = body('sse', eol)
    .split(eol + eol)
    .filter((block) => block.startsWith('data: '))
  expect(parsed(events.map((block) => block.slice(6)))).toEqual(wanted)
})

test('an array without entries is still one', () => {
  expect(JSON.parse(framings.array.open + framings.array.close)).toEqual([])
})
