import { expect, test } from 'vitest'
import { mostOpen } from './most-open.ts'

const seen = (openedAt: number, closedAt?: number, aborted = false) => ({ openedAt, closedAt, aborted })

test.each([
  ['none', [], 0],
  ['one after the other', [seen(0, 10), seen(10, 20)], 1],
  ['two at once', [seen(0, 10), seen(9, 20)], 2],
  ['one that is still open', [seen(0), seen(100, 200)], 2],
  ['one that was aborted just before', [seen(0, 100, true), seen(60, 200)], 1],
  ['one that was aborted too late', [seen(0, 100, true), seen(40, 200)], 2],
])('%s', (_, requests, most) => expect(mostOpen(requests)).toBe(most))
