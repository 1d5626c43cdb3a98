// Takes about seven seconds, warns on stderr, and ends well.
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
