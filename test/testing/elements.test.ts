import { expect, test } from 'vitest'
import { isLogPiece, isSettled, isStatus } from '../../src/testing/elements.ts'

test('what the laws know of a stream is told by its tag', () => {
  const status = { _tag: 'Status', ref: 1, job: 2, phase: 'running' }
  const line = { _tag: 'Line', data: 'a' }
  const gap = { _tag: 'Gap' }
  const settled = { _tag: 'Settled', ref: 1 }
  const others = [undefined, null, 0, 'Status', {}, { _tag: 'Line' }, { _tag: 'Status' }, { _tag: 'Settled' }]
  const all = [status, line, gap, settled, ...others]
  expect(all.filter(isStatus)).toEqual([status])
  expect(all.filter(isLogPiece)).toEqual([line, gap])
  expect(all.filter(isSettled)).toEqual([settled])
})
