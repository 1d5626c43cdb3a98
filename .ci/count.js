// Prints how many tests passed and failed, from vitest's JSON report; fails when one failed or none ran.
import { readFileSync } from 'node:fs'

const { numPassedTests: passed, numFailedTests: failed, success } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
console.log(`${passed} passed, ${failed} failed`)
if (!success || failed > 0 || passed === 0) process.exitCode = 1
