import type { JobStatus, Phase } from 'rxjobs'
import { expect, test } from 'vitest'
import { isFinalStatus } from '../../src/streams/job-status.ts'

test.each<[Phase, boolean]>([
  ['queued', false],
  ['running', false],
  ['unknown', false],
  ['succeeded', true],
  ['failed', true],
  ['ended', true],
])('a status that is %s is final: %s', (phase, final) => {
  const status: JobStatus<string, string> = { _tag: 'Status', ref: 'a', job: 'j', phase }
  expect(isFinalStatus(status)).toBe(final)
})
