import fc from 'fast-check'
import { LogEntries, LogEntry } from 'rxjobs/connect'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decoded, expectAgreement, expectKept, expectTyped, near, valid } from '../codecs.ts'

const fields = {
  source: fc.oneof(fc.constantFrom('stdout', 'stderr'), fc.string()),
  timestamp: fc.oneof(fc.constant('2024-12-06T19:09:29.948016766Z'), fc.string()),
  data: fc.string(),
}
const names = Object.keys(fields)
const line = { source: 'stderr', timestamp: '2024-12-06T19:09:29.948016766Z', data: '' }

test('guard and codec take the same lines and windows', () => {
  expectAgreement(LogEntry, near(fields))
  expectAgreement(LogEntries, near({ entries: fc.array(near(fields), { maxLength: 3 }) }))
})

test('a line is kept as it is, an unknown source, all nine digits and unknown fields with it', () => {
  expectKept(LogEntry, valid(fields, names))
  expectKept(LogEntries, valid({ entries: fc.array(valid(fields, names)) }, ['entries']))
})

test('a field that is absent or null is empty', () => {
  fc.assert(
    fc.property(valid(fields), fc.subarray(names), (entry, gone) => {
      const nulls = { ...entry, ...Object.fromEntries(gone.map((name) => [name, null])) }
      const there = Object.fromEntries(Object.entries(nulls).filter(([name]) => !gone.includes(name)))
      const isLine = 'data' in there || 'source' in there
      expect(decoded(LogEntry, nulls)).toEqual(
        isLine ? { source: '', timestamp: '', data: '', ...there } : { refused: [''] },
      )
    }),
  )
  expect(decoded(LogEntry, { source: 'stdout', data: 'x' })).toEqual({ source: 'stdout', timestamp: '', data: 'x' })
})

test('a window without lines is empty, whichever way that is written', () => {
  expect([decoded(LogEntries, { entries: [] }), decoded(LogEntries, { entries: null })]).toEqual([
    { entries: [] },
    { entries: [] },
  ])
})

test('what does not fit is said with its place', () => {
  expectTyped(LogEntry, fields, line)
  expect(decoded(LogEntries, { entries: [line, { ...line, data: 7 }, line, { surprise: true }] })).toEqual({
    refused: ['entries[1].data', 'entries[3]'],
  })
  expect(decoded(LogEntries, { surprise: true })).toEqual({ refused: ['entries'] })
  expect(decoded(LogEntries, [line])).toEqual({ refused: [''] })
})

const recorded = new URL(
  '../../../../shared/contract/connect/recorded/connectapi.2024.08.job-log.json',
  import.meta.url,
)

test.runIf(existsSync(recorded))('a log that a server really sent needs no repair', () => {
  const log: unknown = JSON.parse(readFileSync(recorded, 'utf8'))
  expect([LogEntries.is(log), decoded(LogEntries, log)]).toEqual([true, log])
})
