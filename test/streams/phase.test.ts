import { isFinal, type Phase } from 'rxjobs'
import { expect, test } from 'vitest'

const wanted: { readonly [phase in Phase]: boolean } = {
  queued: false,
  running: false,
  unknown: false,
  succeeded: true,
  failed: true,
  ended: true,
}

test('a job leaves queued, running and unknown, and no other phase', () => {
  const phases: ReadonlyArray<Phase> = ['queued', 'running', 'unknown', 'succeeded', 'failed', 'ended']
  expect(Object.fromEntries(phases.map((phase) => [phase, isFinal(phase)]))).toEqual(wanted)
})
