// Takes about five seconds and ends with exit code 3.
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
