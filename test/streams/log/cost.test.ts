import { expect, test } from 'vitest'
import { type CostCase, costOf } from './cost.ts'

const bursts = (every: number): Omit<CostCase, 'latency'> => ({ lines: 500, every })

test.each<[string, CostCase, number]>([
  ['500 lines a second', { lines: 5, every: 10, latency: 50 }, 1.15],
  ['2 500 lines a second', { lines: 125, every: 50, latency: 0 }, 1.15],
  ['2 500 lines a second, answers that take 50 ms', { lines: 125, every: 50, latency: 50 }, 1.15],
  ['500 lines a second, answers that take 300 ms', { lines: 5, every: 10, latency: 300 }, 1.15],
  ['2 500 lines a second, answers that take 300 ms', { lines: 125, every: 50, latency: 300 }, 1.2],
  ['bursts of 500 lines each half second', { ...bursts(500), latency: 50 }, 1.4],
  ['bursts of 500 lines each second', { ...bursts(1_000), latency: 0 }, 1.4],
  ['bursts of 500 lines each two seconds, answers that take 300 ms', { ...bursts(2_000), latency: 300 }, 1.4],
  ['bursts of 500 lines at random, up to four seconds apart', { ...bursts(2_000), isAtRandom: true, latency: 0 }, 1.5],
  ['bursts of 500 lines at one time', { ...bursts(3_000), isAtOnce: true, latency: 50 }, 1.4],
])('polling a log of 50 000 lines to its end, %s, reads little more than the log', (_name, made, most) => {
  const { ratio, lines, gaps } = costOf(made)
  expect([lines, gaps]).toEqual([50_000, 0])
  expect(ratio).toBeLessThanOrEqual(most)
})

test('a slow log costs a few lines for each read', () => {
  const { ratio, requests } = costOf({ lines: 1, every: 1_000, latency: 0, total: 500 })
  expect((ratio * 500) / requests).toBeLessThan(8)
})
