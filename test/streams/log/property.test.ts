import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Met } from './fake-service.ts'
import { runScenario } from './run-scenario.ts'
import { scenario } from './scenario.ts'

const met: Met = new Map()

test('a tail emits the log, or the log minus exactly the gaps that it declares, whatever the service does', () => {
  fc.assert(
    fc.property(scenario, (drawn) => {
      expect(runScenario(drawn, met).wrong).toBeUndefined()
    }),
    { numRuns: 2_500, seed: 20_261_122 },
  )
  const faults = ['503', '429', 'reset', 'slow'].flatMap((fate) => [`window ${fate}`, `full ${fate}`])
  const live = ['cut', 'close', 'mute', '404', '405', 'html', 'reset'].map((fate) => `live ${fate}`)
  const old = ['window stale', 'window lagging', 'full stale', 'full lagging', 'full short']
  for (const fault of [...faults, ...live, ...old]) expect(met.get(fault), fault).toBeGreaterThan(0)
}, 120_000)
