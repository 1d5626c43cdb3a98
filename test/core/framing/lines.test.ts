import fc from 'fast-check'
import { concat, concatMap, from, map, type Observable, of, range, take, tap, throwError, toArray } from 'rxjs'
import { expect, test } from 'vitest'
import { lines } from '../../../src/core/framing/lines.ts'
import { cuts, pieces } from '../support/arrangements.ts'
import { outcomeNow } from '../support/outcome.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const linesOf = (source: Observable<Uint8Array>, maxLineBytes = 2 ** 20): ReadonlyArray<string> =>
  outcomeNow(source.pipe(lines({ maxLineBytes }), toArray())).values.flat()

const line = fc.string({ unit: fc.constantFrom('a', '\r', '€', '😀', '"', ' '), maxLength: 8 })

test('splits at LF and CRLF, wherever the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.boolean(), cuts, (texts, eol, ended, at) => {
      const body = texts.join(eol) + (ended && texts.length > 0 ? eol : '')
      const wanted = body.split('\n').map((text) => (text.endsWith('\r') ? text.slice(0, -1) : text))
      if (body === '' || body.endsWith('\n')) wanted.pop()
      expect(linesOf(from(pieces(encode(body), at)))).toEqual(wanted)
    }),
    { numRuns: 1000 },
  )
})

test('a longer line is cut at the bound and its rest dropped, wherever the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40)), fc.integer({ min: 1, max: 20 }), cuts, (lengths, bound, at) => {
      const body = lengths.map((length) => `${'x'.repeat(length)}\n`).join('')
      expect(linesOf(from(pieces(encode(body), at)), bound)).toEqual(
        lengths.map((length) => 'x'.repeat(Math.min(length, bound))),
      )
    }),
    { numRuns: 1000 },
  )
})

test('a character that the end cut off is a replacement character, and the line is given', () => {
  expect(linesOf(of(encode('a\nb€').subarray(0, -1)))).toEqual(['a', 'b\ufffd'])
})

test('the error of the source comes after the lines that were whole', () => {
  const failure = new Error('cut off')
  const outcome = outcomeNow(
    concat(
      of(encode('a\nb')),
      throwError(() => failure),
    ).pipe(lines({ maxLineBytes: 10 })),
  )
  expect(outcome).toEqual({ values: ['a'], error: failure, completed: false })
})

test('who has the lines that it wanted stops a source that gives them at once', () => {
  let pulled = 0
  const source = range(0, 1_000).pipe(
    tap((count) => (pulled = count + 1)),
    concatMap((count) => of(encode(`${count}\n`))),
  )
  expect(outcomeNow(source.pipe(lines({ maxLineBytes: 10 }), take(2))).values).toEqual(['0', '1'])
  expect(pulled).toBe(2)
})

test('a line far beyond the bound, in very many small pieces, costs no more than it is long', () => {
  const piece = encode('x'.repeat(16))
  const source = concat(range(0, 200_000).pipe(map(() => piece)), of(encode('\nend')))
  const [long = '', end] = linesOf(source, 2 ** 20)
  expect([long.length, end]).toEqual([2 ** 20, 'end'])
})
