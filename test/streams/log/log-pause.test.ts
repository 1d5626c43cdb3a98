import fc from 'fast-check'
import { expect, test } from 'vitest'
import { logPause } from '../../../src/streams/log/log-pause.ts'

const looks = fc.array(fc.boolean(), { minLength: 1, maxLength: 30 })

test('waits half a second to a second after a look that added lines', () => {
  fc.assert(
    fc.property(looks, (added) => {
      const pause = logPause(
        undefined,
        () => undefined,
        () => 0,
      )
      for (const some of added) pause(some)
      const wait = pause(true)
      expect(wait).toBeGreaterThanOrEqual(500)
      expect(wait).toBeLessThan(1_000)
    }),
  )
})

test('waits ever longer while nothing is added, and never more than five seconds', () => {
  fc.assert(
    fc.property(looks, fc.integer({ min: 1, max: 60 }), (added, quiet) => {
      const pause = logPause(
        undefined,
        () => undefined,
        () => 0,
      )
      for (const some of added) pause(some)
      const waits = Array.from({ length: quiet }, () => pause(false))
      for (const wait of waits) expect(wait).toBeGreaterThan(500)
      for (const wait of waits) expect(wait).toBeLessThan(5_000)
      // The jitter at most doubles a wait: from the fourth look on the shortest is longer than any after a look that added.
      for (const wait of waits.slice(3)) expect(wait).toBeGreaterThan(1_000)
    }),
  )
})

test("a caller's cadence is asked each time, with the job as it is then, its age and the number of looks", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.string(), fc.nat(), fc.nat())), (drawn) => {
      let now = { job: '', age: 0, wait: 0 }
      const asked: Array<readonly [string, number, number]> = []
      const pause = logPause<string>(
        (...question) => {
          asked.push(question)
          return now.wait
        },
        () => now.job,
        () => now.age,
      )
      for (const [added, job, age, wait] of drawn) {
        now = { job, age, wait }
        expect(pause(added)).toBe(wait)
      }
      expect(asked).toEqual(drawn.map(([, job, age], index) => [job, age, index + 1]))
    }),
  )
})
