import fc from 'fast-check'
import { expect, test } from 'vitest'
import { valueStream } from '../../../src/core/framing/value-stream.ts'
import { Mismatch } from '../../../src/core/reader.ts'
import { anyArrangement, cuts, pieces } from '../support/arrangements.ts'

const runs = { numRuns: 1500 }
const elementsOf = (values: ReadonlyArray<unknown>): ReadonlyArray<unknown> => values.flat()
const reader = valueStream(elementsOf)
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

function open(contentType: string | undefined, maxLineBytes = 2 ** 20) {
  const headers = contentType === undefined ? [] : [['Content-Type', contentType] as const]
  return reader.open({ status: 200, headers }, { maxLineBytes })
}

function read(body: ReadonlyArray<Uint8Array>, contentType?: string, maxLineBytes?: number): ReadonlyArray<unknown> {
  const decoder = open(contentType, maxLineBytes)
  return [...decoder.first, ...body.map((piece) => decoder.push(piece)), decoder.end()].flat(2)
}

function mismatchOf(body: ReadonlyArray<Uint8Array>, contentType?: string, maxLineBytes?: number): Mismatch {
  try {
    read(body, contentType, maxLineBytes)
  } catch (thrown) {
    if (thrown instanceof Mismatch) return thrown
    throw thrown
  }
  throw new Error('It was taken for a stream of values.')
}

test('what comes out is what went in, in every arrangement, cut anywhere, keep-alives and all', () => {
  fc.assert(
    fc.property(anyArrangement, cuts, fc.boolean(), ({ bytes, values, contentType }, at, typed) => {
      expect(read(pieces(bytes, at), typed ? contentType : undefined)).toEqual(values)
    }),
    runs,
  )
})

test('what the connection cut off is not given, all that was complete is', () => {
  fc.assert(
    fc.property(anyArrangement, fc.nat(), cuts, ({ bytes, values, completeAt, contentType }, end, at) => {
      const kept = bytes.subarray(0, end % (bytes.length + 1))
      const complete = completeAt.filter((place) => place <= kept.length).length
      expect(read(pieces(kept, at), contentType)).toEqual(values.slice(0, complete))
    }),
    runs,
  )
})

test('a batch when the connection opens, and one for each piece, empty for a keep-alive', () => {
  const decoder = open('application/x-ndjson')
  expect(decoder.first).toEqual([[]])
  expect(decoder.push(encode('\n'))).toEqual([[]])
  expect(decoder.push(encode('{"a":1}\n{"a":2}\n'))).toEqual([[{ a: 1 }, { a: 2 }]])
})

test('what promises a page is not open before its body says otherwise', () => {
  const decoder = open('text/html; charset=utf-8')
  expect(decoder.first).toEqual([])
  expect(decoder.push(encode('{"a":1}\n'))).toEqual([[{ a: 1 }]])
})

test.each([
  ['a content type that says events, a body that is none', 'text/event-stream', '{"a":1}\n'],
  ['events without a content type, named late', undefined, 'event: line\ndata: {"a":1}\n\n'],
  ['a null as the first keep-alive', undefined, 'null\n{"a":1}\n'],
  ['a byte order mark', undefined, '\ufeff{"a":1}'],
])('%s', (_, contentType, body) => {
  const whole = read([encode(body)], contentType).filter((value) => value !== null)
  expect(whole).toEqual([{ a: 1 }])
  expect(read(pieces(encode(body), 'everywhere'), contentType)).toEqual(read([encode(body)], contentType))
})

test.each([
  ['<!doctype html><title>Sign in</title>', 'HTML', undefined],
  [' \n<html>', 'HTML', 'text/event-stream'],
  ['Service Unavailable', '"Service Unavailable"', 'text/plain'],
  ['overloaded', '"overloaded"', undefined],
])('%j is no stream of values', (body, actual, contentType) => {
  expect(mismatchOf([encode(body)], contentType).issues).toEqual([
    { path: '', expected: 'a stream of JSON values', actual },
  ])
  expect(mismatchOf(pieces(encode(body), 'everywhere'), contentType).issues[0]?.expected).toBe(
    'a stream of JSON values',
  )
})

test.each([
  ['between lines', '{"a":1}\nInternal Server Error\n{"a":2}\n'],
  ['between values', '{"a":1}Internal Server Error {"a":2}'],
  ['in an array', '[{"a":1}, oops, {"a":2}]'],
  ['in an event', 'data: {"a":1}\n\ndata: oops\n\n'],
  ['a line that broke off', '{"a":1}\n{"a":\n{"a":2}\n{"a":3}\n'],
  ['a line that broke off inside a string', '{"a":1}\n{"a":"x\n{"a":2}\n'],
  ['a value that broke off', '{"a":1{"a":2}\n'],
])('what is no JSON is told and not skipped: %s', (_, body) => {
  for (const at of [[], 'everywhere'] as const) {
    expect(mismatchOf(pieces(encode(body), at)).issues[0]?.expected).toBe('JSON')
  }
})

test.each(['{"a":"', '[{"a":"', 'data: {"a":"', '{"a":1}{"a":"', ': '])(
  'what begins with %j and never ends is a mismatch before much of it is held',
  (begin) => {
    const decoder = open(undefined, 1_000)
    decoder.push(encode(begin))
    let pushed = 0
    const pushOn = (): void => {
      for (; pushed < 10_000; pushed += 100) decoder.push(encode('x'.repeat(100)))
    }
    expect(pushOn).toThrow(Mismatch)
    expect(pushed).toBeLessThanOrEqual(1_000)
  },
)

test('a line of exactly the bound is taken', () => {
  const line = JSON.stringify({ data: 'x'.repeat(89) })
  expect(line).toHaveLength(100)
  expect(read(pieces(encode(`${line}\n${line}`), 'everywhere'), undefined, 100)).toHaveLength(2)
})

// Looked into at every piece, what waits would be many billion characters.
test.each([
  ['a line', '{"data":"', '"}\n'],
  ['a value that is part of no line', '[{"data":"', '"}]'],
  ['a value in an array on many lines', '[\n {"data":"', '"}\n]'],
  ['a line of brackets in a string', '{"data":"}}', '"}\n'],
  ['an event', 'data: {"data":"', '"}\n\n'],
])('%s that comes in very many small pieces costs no more than it is long', (_, before, after) => {
  const data = 'x}'.repeat(450_000)
  const bytes = encode(before + data + after)
  const cut = Array.from({ length: Math.ceil(bytes.length / 16) }, (__, at) => bytes.subarray(at * 16, at * 16 + 16))
  expect(read(cut).map((value) => JSON.stringify(value).endsWith(`${data}"}`))).toEqual([true])
})

test('blanks that never become a line are not kept', () => {
  const decoder = open('application/x-ndjson', 100)
  for (const text of ['{}\n', ...Array.from({ length: 50 }, () => '     ')]) decoder.push(encode(text))
  expect(decoder.push(encode('{"a":1}')).flat()).toEqual([{ a: 1 }])
})
