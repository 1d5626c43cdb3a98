import { Observable } from 'rxjs'
import * as t from 'io-ts'
import { expect, test } from 'vitest'
import { type AnswerSink, answerSink, failureSink } from '../../src/core/answer-sink.ts'
import type { Answer } from '../../src/core/client.ts'
import { json, Mismatch, type Reader, type StreamReader } from '../../src/core/reader.ts'
import { type Outcome, outcomeNow } from './support/outcome.ts'

const head = { status: 200, headers: [['a', 'b']] } as const
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const feed = <A>(reader: Reader<A>, steps: (sink: AnswerSink) => void, maxBodyBytes = 100): Outcome<Answer<A>> =>
  outcomeNow(
    new Observable<Answer<A>>((subscriber) =>
      steps(
        answerSink(reader, head, { maxBodyBytes, maxLineBytes: 50 }, (at, value) => ({ ...at, value }), subscriber),
      ),
    ),
  )

test('a whole answer is one value at its end, cut anywhere', () => {
  const whole = feed(json(t.string), (sink) => {
    for (const byte of encode('"€"')) sink.push(Uint8Array.of(byte))
    sink.end()
  })
  expect(whole).toEqual({ values: [{ ...head, value: '€' }], completed: true })
  expect(feed(json(t.string), (sink) => sink.push(encode('"x"')))).toEqual({ values: [], completed: false })
})

test('one byte more than the bound is a mismatch as soon as it is there', () => {
  const body = encode(JSON.stringify('x'.repeat(98)))
  expect(
    feed(json(t.string), (sink) => {
      sink.push(body)
      sink.end()
    }).completed,
  ).toBe(true)
  expect(
    feed(json(t.string), (sink) => {
      sink.push(body)
      sink.push(Uint8Array.of(32))
    }).error,
  ).toBeInstanceOf(Mismatch)
})

test('a streamed answer gives each value when it is there, at the beginning and at the end too', () => {
  let limits: unknown
  const reader: StreamReader<string> = {
    _tag: 'Stream',
    openEnded: false,
    open: (_, given) => {
      limits = given
      return { first: ['first'], push: (bytes) => [`${bytes.length}`, 'more'], end: () => ['last'] }
    },
  }
  const answer = feed(
    reader,
    (sink) => {
      sink.push(encode('ab'))
      sink.end()
    },
    1,
  )
  expect(answer.values.map(({ value }) => value)).toEqual(['first', '2', 'more', 'last'])
  expect([answer.completed, answer.values[0]]).toEqual([true, { ...head, value: 'first' }])
  expect(limits).toMatchObject({ maxLineBytes: 50 })
})

test('a failure is told with its whole body at the end, or with as much as is kept as soon as that is there', () => {
  const told: Array<string> = []
  const whole = failureSink(5, (body) => told.push(body))
  whole.push(encode('abc'))
  whole.end()
  const long = failureSink(5, (body) => told.push(body))
  long.push(encode('abc'))
  expect(told).toEqual(['abc'])
  long.push(encode('defgh'))
  expect(told).toEqual(['abc', 'abcde'])
})
