// Connections that are cut, answers that are late, odd or missing, logs of every rate, all at once:
// npm run soak -- [--hours 1] [--minutes 10] [--rate 1000] [--seed n]
import { randomInt } from 'node:crypto'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { createRandom } from '../sandbox/faults/rules.ts'
import { soakOnSockets } from './soak/real.ts'
import { soakInVirtualTime } from './soak/virtual.ts'
import type { Tally } from './soak/tally.ts'

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  },
})
const [hours, minutes, rate, seed] = [
  Number(values.hours),
  Number(values.minutes),
  Number(values.rate),
  Number(values.seed),
]

if (![hours, minutes, rate, seed].every((value) => value >= 0)) throw new Error('Each flag takes a number from 0.')

let wrong = 0
async function part(title: string, run: () => Tally | Promise<Tally>): Promise<void> {
  console.log(`\n# ${title}, seed ${seed}`)
  const begun = performance.now()
  const tally = await run()
  tally.print()
  console.log(`${((performance.now() - begun) / 1_000).toFixed(0)} s`)
  wrong += tally.wrong.length
}

if (hours > 0) await part(`${hours} hours of virtual time`, () => soakInVirtualTime(hours, seed, createRandom(seed)))
if (minutes > 0)
  await part(`${minutes} minutes on sockets`, () => soakOnSockets(minutes, rate, seed, createRandom(seed)))
process.exitCode = wrong === 0 ? 0 : 1
