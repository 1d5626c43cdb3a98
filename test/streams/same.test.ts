import { expect, test } from 'vitest'
import { sameOf, tellsNothing } from '../../src/streams/same.ts'

test('a reading tells nothing new when phase and job are the same, the job by the way its source compares', () => {
  const one = { ref: 'a', job: { n: 1 }, phase: 'running' } as const
  const structural = sameOf<{ n: number }>({})
  const blind = sameOf<{ n: number }>({ same: () => true })
  const after = [{ ...one, job: { n: 1 } }, { ...one, job: { n: 2 } }, { ...one, phase: 'failed' } as const]
  expect(after.map((reading) => tellsNothing<string, { n: number }>(one, reading, structural))).toEqual([
    true,
    false,
    false,
  ])
  expect(after.map((reading) => tellsNothing<string, { n: number }>(one, reading, blind))).toEqual([true, true, false])
})
