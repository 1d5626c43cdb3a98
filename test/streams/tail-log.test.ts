import fc from 'fast-check'
import type { LogGap } from 'rxjobs'
import { expect, test } from 'vitest'
import type { Met } from './log/fake-service.ts'
import { runScenario } from './log/run-scenario.ts'
import { scenario } from './log/scenario.ts'

// Everything that scenario.ts can draw, but for what is well.
const failures = ['503', '429', 'reset', 'slow', 'odd']
const answers: { readonly [kind: string]: ReadonlyArray<string> } = {
  after: failures,
  window: [...failures, 'stale', 'lagging', 'cut at 4096'],
  full: [
    ...failures,
    'odd',
    'cut at 4096',
    'stale',
    'lagging',
    'short',
    'dated',
    'rfc3339',
    'trimmed',
    'colourless',
    'crlf',
  ],
  live: ['cut', 'close', 'mute', '404', '405', 'html', 'reset', 'head withheld', 'cut at 4096'],
  times: ['seconds', 'backwards', 'seconds-backwards', 'set-back', 'missing', 'some-missing'],
}
const faults = Object.entries(answers).flatMap(([kind, fates]) => fates.map((fate) => `${kind} ${fate}`))

// A fixed seed, so that a change that breaks the tests is the one that broke the tail; fuzz.ts draws a new one each time.
const seed = 20261122

test('whatever the server shows and whatever goes wrong, what is emitted is the log, minus the gaps that are declared', {
  timeout: 600_000,
}, () => {
  const met: Met = new Map()
  const gaps: { [reason in LogGap<string>['reason']]?: number } = { window: 0, ambiguous: 0, 'too-long': 0 }
  fc.assert(
    fc.property(scenario, (drawn) => {
      const { emitted, wrong } = runScenario(drawn, met)
      for (const element of emitted) if (element._tag === 'Gap') gaps[element.reason] = (gaps[element.reason] ?? 0) + 1
      expect(wrong).toBeUndefined()
    }),
    { numRuns: 3_000, seed },
  )
  const counts = [...faults.map((fault) => [fault, met.get(fault) ?? 0] as const), ...Object.entries(gaps)]
  console.log(`seed ${seed}; ${counts.map((count) => count.join(': ')).join(', ')}`)
  expect(counts.filter(([, times]) => times === 0)).toEqual([])
  expect([...met.keys()].filter((fault) => !faults.includes(fault))).toEqual([])
})
