// Runs the property of ../tail-log.test.ts as often as asked, from a new seed each time where none is given:
// npx tsx test/streams/log/fuzz.ts [runs] [seed]
import { writeFileSync } from 'node:fs'
import * as fc from 'fast-check'
import type { Met } from './fake-service.ts'
import { runScenario } from './run-scenario.ts'
import { scenario } from './scenario.ts'

const [runs = '10000', seed] = process.argv.slice(2)
const met: Met = new Map()
let done = 0
let withGaps = 0

const outcome = fc.check(
  fc.property(scenario, (drawn) => {
    const { gaps, wrong } = runScenario(drawn, met)
    done++
    if (gaps > 0) withGaps++
    if (wrong !== undefined) throw new Error(wrong)
  }),
  { numRuns: Number(runs), interruptAfterTimeLimit: 3_600_000, ...(seed === undefined ? {} : { seed: Number(seed) }) },
)

console.log(`${done} scenarios, ${withGaps} with declared gaps, seed ${outcome.seed}`)
for (const [what, times] of [...met].sort()) console.log(`  ${what}: ${times}`)
if (outcome.counterexample !== null) {
  const [drawn] = outcome.counterexample
  const { emitted, wrong } = runScenario(drawn, new Map())
  if (process.env['DUMP']) writeFileSync(process.env['DUMP'], JSON.stringify(drawn))
  const { lines, ...settings } = drawn
  console.log(wrong?.slice(0, 600), settings)
  console.log(
    'log:',
    lines.map(({ after, text, source }) => `+${after} ${source === 'stdout' ? '' : '!'}${text}`).join(' | '),
  )
  console.log(
    'out:',
    emitted
      .map((e) =>
        e._tag === 'Gap'
          ? `GAP ${e.reason}`
          : `${e.source === '' ? '~' : ''}${e.data.slice(0, 20)}@${e.timestamp.slice(17)}`,
      )
      .join(' | '),
  )
  process.exitCode = 1
}
