import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Budget } from '../../../src/streams/pool/budget.ts'
import { type Turn, Turns, weightOf } from '../../../src/streams/pool/turns.ts'

interface Named extends Turn {
  readonly name: string
}

const turn = (name: string, more: Partial<Turn> = {}): Named => ({
  name,
  due: 0,
  tag: 0,
  order: 0,
  place: -1,
  requests: 1,
  go: () => undefined,
  ...more,
})

const unbounded = (): Turns => new Turns(new Budget({ requestsPerMinute: 1_000_000, maxConcurrent: 1 }))

/** Serves turns that want to come again after their wait, one a step of `step` milliseconds. */
function served(waits: ReadonlyArray<number>, steps: number, step: number): ReadonlyArray<number> {
  const turns = unbounded()
  const all = waits.map((_, index) => turn(String(index)))
  for (const one of all) turns.put(one, 0, 0)
  return Array.from({ length: steps }, (_, index) => {
    const now = index * step
    turns.collect(now)
    const next = turns.begin(now)
    if (next === undefined) return -1
    const which = all.findIndex((one) => one === next)
    const wait = waits[which] ?? 0
    turns.put(next, now + wait, weightOf(wait))
    return which
  })
}

test('in time each comes when it is due, in that order, and those of one instant as they came', () => {
  const turns = unbounded()
  const [late, first, second] = [turn('late'), turn('first'), turn('second')]
  turns.put(late, 20, 0)
  turns.put(first, 10, 0)
  turns.put(second, 10, 0)
  expect(turns.next(0)).toBe(10)
  turns.collect(9)
  expect([turns.begin(9), turns.ready]).toEqual([undefined, 0])
  turns.collect(20)
  expect([turns.begin(20), turns.begin(20), turns.begin(20), turns.begin(20)]).toEqual([first, second, late, undefined])
})

test('where there is too little room, who wants to look more often looks more often, in that proportion', () => {
  const order = served([1_000, 2_000, 5_000, 10_000], 18_000, 1_000_000)
  const counts = [0, 1, 2, 3].map((which) => order.filter((one) => one === which).length)
  const [least = 0] = counts.slice(-1)
  expect(counts.map((count) => count / least)).toEqual(
    [10, 5, 2, 1].map((ratio) => expect.closeTo(ratio, 0) as unknown),
  )
})

test('no turn starves: between two times of its own, each other one comes at most fifty-one times', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60_000), { minLength: 2, maxLength: 12 }), (waits) => {
      const order = served(waits, 3_000, 1_000_000)
      for (const which of waits.keys()) {
        const times = order.flatMap((one, index) => (one === which ? [index] : []))
        const gaps = [...times, order.length].map((time, index) => time - (times[index - 1] ?? -1))
        expect(Math.max(...gaps)).toBeLessThanOrEqual(51 * (waits.length - 1) + 1)
      }
    }),
    { numRuns: 50 },
  )
})

test('one without weight goes before all that are due', () => {
  const turns = unbounded()
  const [patient, urgent] = [turn('patient'), turn('urgent')]
  turns.put(patient, 0, 500)
  turns.put(urgent, 5, 0)
  turns.collect(5)
  expect([turns.begin(5), turns.begin(5)]).toEqual([urgent, patient])
})

test('one that is taken out does not come, and one that is due later than it was put for comes then', () => {
  const turns = unbounded()
  let due = 30
  const moved = turn('moved', { dueAt: () => due })
  const gone = turn('gone')
  turns.put(moved, 10, 0)
  turns.put(gone, 10, 0)
  turns.take(gone)
  turns.collect(10)
  expect([turns.ready, turns.next(10)]).toEqual([0, 30])
  turns.collect(30)
  due = Number.POSITIVE_INFINITY
  expect([turns.begin(30), turns.next(30)]).toEqual([undefined, Number.POSITIVE_INFINITY])
})
