import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { longestWait, retryAfter } from '../../src/core/retry-after.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

const now = Date.UTC(2026, 9, 21, 7, 28, 0)
const read = (value: string, date?: string): number | undefined =>
  retryAfter([['Retry-After', value], ...(date === undefined ? [] : [['date', date] as const])], now)

test.each([
  ['0', 0],
  ['7', 7_000],
  [' 1.5 ', 1_500],
  ['99999999999999999999', longestWait],
  ['Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
  ['Wednesday, 21-Oct-26 07:28:30 GMT', 30_000],
  ['Wed Oct 21 07:28:30 2026', 30_000],
  ['2026-10-21T07:28:30Z', 30_000],
  ['Wed, 21 Oct 2026 07:00:00 GMT', 0],
  ['Wed, 21 Oct 2099 07:00:00 GMT', longestWait],
])('%j', (value, wait) => {
  for (const zone of ['UTC', 'America/New_York']) {
    vi.stubEnv('TZ', zone)
    expect(read(value)).toBe(wait)
  }
})

test.each(['', ' ', '-5', '5s', 'soon', 'soon 5', '1e3', '0x10', 'Infinity', 'NaN', '5, 6', 'Wed'])(
  '%j is neither',
  (value) => {
    expect(read(value)).toBeUndefined()
  },
)

test('no header, no wait', () => {
  expect(retryAfter([['date', 'Wed, 21 Oct 2026 07:28:00 GMT']], now)).toBeUndefined()
})

test('a date is compared with the Date of the same answer', () => {
  expect(read('Wed, 21 Oct 2026 07:28:30 GMT', 'Wed, 21 Oct 2026 07:28:20 GMT')).toBe(10_000)
  expect(read('Wed, 21 Oct 2026 07:28:30 GMT', 'nonsense')).toBe(30_000)
})

test('is a wait that a timer can hold, or none, whatever the service says', () => {
  const dates = fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date(8e15) })
    .map((date) => date.toUTCString())
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), dates, fc.double().map(String)),
      fc.option(dates, { nil: undefined }),
      (value, date) => {
        const wait = read(value, date)
        if (wait !== undefined) expect(wait >= 0 && wait <= longestWait).toBe(true)
      },
    ),
    { numRuns: 2000 },
  )
})

test('reads back any second', () => {
  fc.assert(
    fc.property(fc.nat(2_000_000), (seconds) => {
      expect(read(new Date(now + seconds * 1000).toUTCString())).toBe(seconds * 1000)
      expect(read(String(seconds))).toBe(seconds * 1000)
    }),
  )
})
