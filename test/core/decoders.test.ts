import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytes, DecodeFailure, jsonStream, noContent, textLines } from '../../src/core/index.ts'
import { anyArrangement, cuts, pieces } from './support/arrangements.ts'

const runs = { numRuns: 1500 }
const page = 'a web page, not the API: is the address right, is a login or proxy before it?'
const elementsOf = (values: ReadonlyArray<unknown>): ReadonlyArray<unknown> => values.flat()
const reader = jsonStream(elementsOf)
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

function open(contentType: string | undefined, maxLineLength = 2 ** 20) {
  const headers = contentType === undefined ? [] : [['Content-Type', contentType] as const]
  return reader.start({ status: 200, headers }, { maxLineLength, maxBodyBytes: Infinity })
}

function read(body: ReadonlyArray<Uint8Array>, contentType?: string, maxLineLength?: number): ReadonlyArray<unknown> {
  const decoder = open(contentType, maxLineLength)
  return [...(decoder.first ?? []), ...body.map((piece) => decoder.push(piece)), decoder.end()].flat(2)
}

function failureOf(body: ReadonlyArray<Uint8Array>, contentType?: string, maxLineLength?: number): DecodeFailure {
  try {
    read(body, contentType, maxLineLength)
  } catch (thrown) {
    if (thrown instanceof DecodeFailure) return thrown
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
  ['<!doctype html><title>Sign in</title>', page, undefined],
  [' \n<html>', page, 'text/event-stream'],
  ['Service Unavailable', '"Service Unavailable"', 'text/plain'],
  ['overloaded', '"overloaded"', undefined],
])('%j is no stream of values', (body, actual, contentType) => {
  expect(failureOf([encode(body)], contentType).issues).toEqual([
    { path: '', expected: 'a stream of JSON values', actual },
  ])
  expect(failureOf(pieces(encode(body), 'everywhere'), contentType).issues[0]?.expected).toBe('a stream of JSON values')
})

test.each([
  ['between lines', '{"a":1}\nInternal Server Error\n{"a":2}\n'],
  ['between values', '{"a":1}Internal Server Error {"a":2}'],
  ['in an array', '[{"a":1}, oops, {"a":2}]'],
  ['in an event', 'data: {"a":1}\n\ndata: oops\n\n'],
  ['a line that broke off', '{"a":1}\n{"a":\n{"a":2}\n{"a":3}\n'],
  ['a line that broke off inside a string', '{"a":1}\n{"a":"x\n{"a":2}\n'],
  ['a value that broke off', '{"a":1{"a":2}\n'],
  ['a value that broke off where it began', '{\n{"a":2}\n'],
])('what is no JSON is told and not skipped: %s', (_, body) => {
  for (const at of [[], 'everywhere'] as const) {
    expect(failureOf(pieces(encode(body), at)).issues[0]?.expected).toBe('JSON')
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
    expect(pushOn).toThrow(DecodeFailure)
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

/** The values of a body that comes in these pieces. */
const readText = (...texts: ReadonlyArray<string>): ReadonlyArray<unknown> => read(texts.map(encode))

test('each value is given with the piece that completes it, with or without its line end', () => {
  const decoder = open(undefined)
  const push = (text: string): unknown => decoder.push(encode(text)).flat()
  expect(push('{"a":1}')).toEqual([{ a: 1 }])
  expect(push('\n')).toEqual([])
  expect(push('{"a":2}\n{"a"')).toEqual([{ a: 2 }])
  expect(push(':3}          ')).toEqual([{ a: 3 }])
})

test.each(['\n', '\r\n', ' \n', '\n\n\n'])('a megabyte of %j between values costs no parse for each', (blank) => {
  const many = blank.repeat(2 ** 20 / blank.length)
  const begun = performance.now()
  for (const value of ['{"a":1}\n', 'data: {"a":1}\n\n']) {
    expect(readText(value, many, value, many + value)).toEqual(Array.from({ length: 3 }, () => ({ a: 1 })))
  }
  expect(performance.now() - begun).toBeLessThan(2_000)
})

test.each([
  ['comments and other fields', ': hello\nid: 7\nretry: 10\ndata: {"a":1}\n\n', [{ a: 1 }]],
  ['no space after the colon', 'data:{"a":1}\n\n', [{ a: 1 }]],
  ['one space is taken away, not two', 'data:  " x"\n\n', [' x']],
  ['data on several lines', 'data: {\ndata: "a": 1\ndata: }\n\n', [{ a: 1 }]],
  ['a field without a colon', 'data\n\ndata: 1\n\n', [1]],
  ['data that is blank', 'data: \n\ndata:\n\n', []],
  ['an event with a type of its own', 'event: line\ndata: 1\n\n', [1]],
  ['a word of the server', 'event: end\ndata: bye\n\ndata: 1\n\n', [1]],
  ['a field that nobody knows', ': \ndat: 1\nDATA: 2\ndata: 3\n\n', [3]],
])('%s', (_, text, values) => {
  expect(readText(text)).toEqual(values)
  expect(readText(...text.split(''))).toEqual(values)
})

test('the type of one event is not that of the next', () => {
  expect(() => readText('event: end\ndata: bye\n\ndata: bye\n\n')).toThrow(DecodeFailure)
  expect(() => readText('event: message\ndata: bye\n\n')).toThrow(DecodeFailure)
})

test('a line end and a blank line may be cut in two', () => {
  expect(readText('data: 1\r', '\n', '\r', '\n')).toEqual([1])
  expect(readText('data: [1,\r', '', '\ndata: ', '2]\n', '\n')).toEqual([1, 2])
  expect(readText('data: {"a":\r', '\ndata: 2}\n\r\n')).toEqual([{ a: 2 }])
})

test('an event without its blank line is no value', () => {
  expect(readText('data: {"a":1}\nda')).toEqual([])
  expect(readText('data: {"a":1}\nda', 'ta:\n\n')).toEqual([{ a: 1 }])
})

test('events that are only data and others follow one another', () => {
  const plain = 'data: {"a":1}\n\ndata: {"a":2}\n\n'
  const others = ': still here\n\nid: 1\ndata: {"a":3}\n\n\n\n'
  expect(readText(plain + others + plain).length).toBe(5)
  expect(readText(plain, others, plain, others).length).toBe(6)
})

test('lines may turn into values one after the other, and into values on many lines', () => {
  expect(readText('{"a":1}\n{"b":2}{"c":3}\n{}\n{\n"d":4\n}\n')).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }, {}, { d: 4 }])
  expect(readText('{"a":1}\n', '{"b":2}{"c":', '3}{"d"')).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }])
})

test('braces and brackets inside a string do not end a value', () => {
  const line = JSON.stringify({ data: '[INFO] [main] } { ]' })
  for (let at = 1; at < line.length; at++) {
    expect(readText(line.slice(0, at), line.slice(at))).toEqual([JSON.parse(line)])
  }
})

test('one piece may hold very many values', () => {
  expect(readText('{}'.repeat(300_000))).toHaveLength(300_000)
  expect(readText('{}\n'.repeat(300_000))).toHaveLength(300_000)
})

test.each(['{"a":1}\noops\n', '{"a":1} oops\n{}', '{"a":1} oops ', '[{"a":1}] } '])(
  '%j holds what is no JSON',
  (text) => {
    expect(() => readText(text)).toThrow(DecodeFailure)
    expect(() => readText(...text.split(''))).toThrow(DecodeFailure)
  },
)

// ---- lines of text

function linesOf(body: ReadonlyArray<Uint8Array>, maxLineLength = 2 ** 20): ReadonlyArray<string> {
  const decoding = textLines.start({ status: 200, headers: [] }, { maxLineLength, maxBodyBytes: Infinity })
  return [...body.flatMap((piece) => decoding.push(piece)), ...decoding.end()].flat()
}

const line = fc.string({ unit: fc.constantFrom('a', '\r', '€', '😀', '"', ' '), maxLength: 8 })

test('lines end at LF and CRLF, wherever the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.boolean(), cuts, (texts, eol, ended, at) => {
      const body = texts.join(eol) + (ended && texts.length > 0 ? eol : '')
      const wanted = body.split('\n').map((text) => (text.endsWith('\r') ? text.slice(0, -1) : text))
      if (body === '' || body.endsWith('\n')) wanted.pop()
      expect(linesOf(pieces(encode(body), at))).toEqual(wanted)
    }),
    { numRuns: 1000 },
  )
})

test('a longer line is cut at the bound and its rest dropped, wherever the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40)), fc.integer({ min: 1, max: 20 }), cuts, (lengths, bound, at) => {
      const body = lengths.map((length) => `${'x'.repeat(length)}\n`).join('')
      const wanted = lengths.map((length) => 'x'.repeat(Math.min(length, bound)))
      expect(linesOf(pieces(encode(body), at), bound)).toEqual(wanted)
    }),
    { numRuns: 1000 },
  )
})

test('a character that the end cut off is a replacement character; a byte order mark is no part of the text', () => {
  expect(linesOf([encode('a\nb€').subarray(0, -1)])).toEqual(['a', 'b\ufffd'])
  expect(linesOf([encode('\ufeffa\n'), encode('\ufeffb')])).toEqual(['a', '\ufeffb'])
})

test('bytes that are no UTF-8 come out as replacement characters and lose nothing behind them', () => {
  const odd = Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0xe2, 0x41, 0x0a, 0xff, 0xc3, 0x0a, 0x42)
  const whole = new TextDecoder().decode(odd).split('\n')
  expect(linesOf([odd])).toEqual(whole)
  expect(linesOf(pieces(odd, 'everywhere'))).toEqual(whole)
})

test('a batch for each piece that completes lines', () => {
  const decoding = textLines.start({ status: 200, headers: [] }, { maxLineLength: 10, maxBodyBytes: 10 })
  expect(['a\nb\nc', 'd', '\n'].map((text) => decoding.push(encode(text)))).toEqual([[['a', 'b']], [], [['cd']]])
  expect(decoding.end()).toEqual([])
})

test('a line far beyond the bound, in very many small pieces, costs no more than it is long', () => {
  const small = Array.from({ length: 200_000 }, () => encode('x'.repeat(16)))
  const [long = '', end] = linesOf([...small, encode('\nend')])
  expect([long.length, end]).toEqual([2 ** 20, 'end'])
})

test('bytes pass as they come; a response without content has the value that its status stands for', () => {
  const head = { status: 200, headers: [] }
  const limits = { maxBodyBytes: 1, maxLineLength: 1 }
  const chunk = encode('abc')
  expect(bytes.start(head, limits).push(chunk)).toEqual([chunk])
  const nothing = noContent('gone').start(head, limits)
  expect([nothing.push(chunk), nothing.end()]).toEqual([[], ['gone']])
})
