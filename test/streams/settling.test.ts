import { expect, test } from 'vitest'
import { judge } from '../../src/streams/settling.ts'

const reading = (phase: 'running' | 'failed' | 'succeeded', settle?: number) => ({
  ref: 'a',
  job: phase,
  phase,
  ...(settle === undefined ? {} : { settle }),
})

test('a final phase is the end once it held for as long as it must', () => {
  const first = judge(reading('failed', 500), undefined, 10)
  expect(first).toMatchObject({ over: false, rest: 500, reading: { job: 'failed', phase: 'running' } })
  const early = judge(reading('failed', 500), first.settling, 200)
  expect(early).toMatchObject({ over: false, rest: 310 })
  expect(judge(reading('failed', 500), early.settling, 510)).toMatchObject({ over: true, reading: { phase: 'failed' } })
})

test('it begins anew with another phase, and ends with one that is not final', () => {
  const { settling } = judge(reading('failed', 500), undefined, 10)
  expect(judge(reading('succeeded', 500), settling, 510)).toMatchObject({ over: false, rest: 500 })
  expect(judge(reading('running'), settling, 510)).toMatchObject({ over: false, settling: undefined })
  expect(judge(reading('succeeded'), settling, 11)).toMatchObject({ over: true })
})
