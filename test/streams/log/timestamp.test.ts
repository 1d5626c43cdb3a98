import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareTimestamps, hasOrderedTimes, toDate } from '../../../src/streams/log/timestamp.ts'

/** An instant as it is written: whole seconds since 1970, the digits of its fraction, and its distance to UTC. */
interface Written {
  readonly seconds: number
  readonly digits: string
  /** Minutes east of Greenwich; `Z` is zero in another spelling. */
  readonly offset: number | 'Z'
}

const two = (n: number): string => String(n).padStart(2, '0')

function text({ seconds, digits, offset }: Written): string {
  const minutes = offset === 'Z' ? 0 : offset
  const local = new Date((seconds + minutes * 60) * 1_000).toISOString().slice(0, 19)
  const away = Math.abs(minutes)
  const zone = offset === 'Z' ? 'Z' : `${minutes < 0 ? '-' : '+'}${two(Math.floor(away / 60))}:${two(away % 60)}`
  return `${local}${digits === '' ? '' : `.${digits}`}${zone}`
}

/** The instant in units of 10^-12 seconds, without rounding. */
const exact = ({ seconds, digits }: Written): bigint => BigInt(seconds) * 10n ** 12n + BigInt(digits.padEnd(12, '0'))

// Near each other, so that whole seconds are often the same.
const written: fc.Arbitrary<Written> = fc.record({
  seconds: fc.oneof(fc.integer({ min: 1_799_999_998, max: 1_800_000_002 }), fc.nat(4_000_000_000)),
  digits: fc.stringMatching(/^[019]{0,12}$/),
  offset: fc.oneof(fc.constant<'Z'>('Z'), fc.integer({ min: -840, max: 840 })),
})

test('timestamps compare as the exact instants do, whatever their digits and offsets', () => {
  fc.assert(
    fc.property(written, written, (a, b) => {
      const [one, other] = [exact(a), exact(b)]
      expect(Math.sign(compareTimestamps(text(a), text(b)))).toBe(one < other ? -1 : one > other ? 1 : 0)
    }),
    { numRuns: 1_000 },
  )
})

test('fractions of another length in the same second compare by value', () => {
  fc.assert(
    fc.property(written, fc.stringMatching(/^[019]{0,12}$/), fc.boolean(), (a, digits, utc) => {
      const left: Written = utc ? { ...a, offset: 'Z' } : a
      const right: Written = { ...left, digits }
      const [one, other] = [exact(left), exact(right)]
      expect(Math.sign(compareTimestamps(text(left), text(right)))).toBe(one < other ? -1 : one > other ? 1 : 0)
    }),
  )
})

test('what is no timestamp is neither before nor after one', () => {
  fc.assert(
    fc.property(written, fc.constantFrom('', 'now', '2026-11-22', '1800000000', '2026-11-22T09:30:00'), (a, none) => {
      expect(compareTimestamps(text(a), none)).toBeNaN()
      expect(compareTimestamps(none, text(a))).toBeNaN()
    }),
  )
  expect(compareTimestamps('', '')).toBeNaN()
})

test('what ends like a timestamp and is none is neither before nor after one of its length', () => {
  fc.assert(
    fc.property(written, fc.constantFrom(4, 7, 10, 13, 16), fc.constantFrom('x', '/', 'Z', '0'), (a, place, wrong) => {
      const stamp = text({ ...a, offset: 'Z' })
      const none = `${stamp.slice(0, place)}${wrong}${stamp.slice(place + 1)}`
      expect(compareTimestamps(stamp, none)).toBeNaN()
      expect(compareTimestamps(none, stamp)).toBeNaN()
    }),
  )
  expect(compareTimestamps('xZ', 'yZ')).toBeNaN()
})

test('lines are ordered when no instant goes back', () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 4 }), fc.boolean(), (stamps, sort) => {
      const drawn = sort ? [...stamps].sort((a, b) => (exact(a) < exact(b) ? -1 : 1)) : stamps
      const goesBack = drawn.some((stamp, at) => drawn.slice(0, at).some((earlier) => exact(earlier) > exact(stamp)))
      expect(hasOrderedTimes(drawn.map((stamp) => ({ timestamp: text(stamp) })))).toBe(!goesBack)
    }),
  )
})

test('lines are not ordered when one has no time, wherever it stands', () => {
  fc.assert(
    fc.property(written, fc.nat(3), fc.nat(3), (stamp, before, after) => {
      const timed = { timestamp: text(stamp) }
      const lines = [
        ...Array<typeof timed>(before).fill(timed),
        { timestamp: '' },
        ...Array<typeof timed>(after).fill(timed),
      ]
      expect(hasOrderedTimes(lines)).toBe(false)
    }),
  )
})

test('a Date is the instant cut off at milliseconds', () => {
  fc.assert(
    fc.property(written, (a) => {
      expect(toDate(text(a))?.getTime()).toBe(Number(exact(a) / 10n ** 9n))
    }),
  )
  expect(['', 'soon', '2026-13-45T00:00:00Z'].map(toDate)).toEqual([undefined, undefined, undefined])
})
