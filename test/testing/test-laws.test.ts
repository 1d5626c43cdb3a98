import { type Law, LawSkipped, testLaws } from 'rxjobs/testing'
import { describe, expect, test, vi } from 'vitest'

const laws: ReadonlyArray<Law> = [
  { name: 'holds', check: () => Promise.resolve() },
  { name: 'broken', check: () => Promise.reject(new Error('how')) },
  { name: 'skipped', check: () => Promise.reject(new LawSkipped('why')) },
]

test('each law is one test: it passes, fails, or is skipped with its reason', async () => {
  const outcomes: Array<string> = []
  const bodies: Array<() => Promise<void>> = []
  const skip = vi.fn()
  testLaws((name, body) => bodies.push(() => body({ skip }).then(() => void outcomes.push(name))), laws)
  const settled = await Promise.allSettled(bodies.map((body) => body()))
  expect(outcomes).toEqual(['holds', 'skipped'])
  expect(settled[1]).toMatchObject({ status: 'rejected', reason: { message: 'how' } })
  expect(skip.mock.calls).toEqual([['why']])
})

describe("with vitest's own test", () => testLaws(test, laws.slice(0, 1)))
