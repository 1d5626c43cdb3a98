// What the sandbox runs as jobs: real programs, whose output is the log.

/** Takes about seven seconds, warns on stderr, and ends well. */
export const nightlyReport = `
import { setTimeout as sleep } from 'node:timers/promises'

const regions = ['north', 'east', 'south', 'west']
console.log('Reading the orders of ' + regions.length + ' regions')
for (const [at, region] of regions.entries()) {
  await sleep(800)
  console.log(region + ': ' + (at + 1) * 1234 + ' orders')
  if (region === 'south') console.error('south: 17 orders without a date are left out')
}
for (const page of ['summary', 'trend', 'returns']) {
  await sleep(900)
  console.log('Rendered ' + page + '.html')
}
await sleep(500)
console.log('Report written')
`

/** Takes about five seconds and ends with exit code 3. */
export const stockImport = `
import { setTimeout as sleep } from 'node:timers/promises'

console.log('Connecting to the warehouse')
for (const wait of [1, 2, 3]) {
  await sleep(1200)
  console.error('The warehouse does not answer, trying again (' + wait + ' of 3)')
}
await sleep(1000)
console.log('Error code: data-source-unreachable')
console.error('The warehouse could not be reached: nothing was imported')
process.exit(3)
`
