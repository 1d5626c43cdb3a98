import { none, some } from 'fp-ts/lib/Option.js'
import { type LogGap, type LogLine, LogGapError } from 'rxjobs'
import { expect, test } from 'vitest'
import { gapError, untilGap } from '../../../src/streams/log/gap-error.ts'

const cursor = { count: 1, timestamp: '', at: 0, digest: 0 }
const line: LogLine<string> = { _tag: 'Line', ref: 'job', index: 0, source: 'stdout', timestamp: '', data: 'a', cursor }
const gap: LogGap<string> = { _tag: 'Gap', ref: 'job', reason: 'window', before: some(line), after: none, cursor }

test('a gap as an error holds the gap and says why', () => {
  const error = gapError('/jobs/7', gap)
  expect(error).toBeInstanceOf(LogGapError)
  expect(error.gap).toBe(gap)
  expect(error.message).toContain('further than its window shows')
})

test('what comes before the first gap is told apart from it', () => {
  expect(untilGap([line, gap, line, gap])).toEqual({ before: [line], gap })
  expect(untilGap([line])).toEqual({ before: [line], gap: undefined })
})
