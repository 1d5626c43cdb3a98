import fc from 'fast-check'
import { firstValueFrom } from 'rxjs'
import { type Cursor, followJob, type GapReason, tailLog } from 'rxjobs'
import { connect } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import type { Met } from './log/fake-service.ts'
import { runScenario } from './log/run-scenario.ts'
import { scenario } from './log/scenario.ts'
import { refusal } from '../apis/support.ts'

// Everything that scenario.ts can draw, but for what is well.
const failures = ['503', '429', 'reset', 'slow']
const answers: { readonly [kind: string]: ReadonlyArray<string> } = {
  status: failures,
  read: [...failures, 'stale', 'lagging'],
  download: [...failures, 'stale', 'lagging', 'short'],
  stream: ['cut', 'close', 'mute', '404', '405', 'html', 'reset'],
}
const faults = Object.entries(answers).flatMap(([kind, fates]) => fates.map((fate) => `${kind} ${fate}`))

// A fixed seed, so that a change that breaks the tests is the one that broke the tail; fuzz.ts draws a new one each time.
const seed = 20261122

test('whatever the server shows and whatever goes wrong, what is emitted is the log, minus the gaps that are declared', {
  timeout: 600_000,
}, () => {
  const met: Met = new Map()
  const gaps: { [reason in GapReason]?: number } = { read: 0, ambiguous: 0, 'too-long': 0 }
  fc.assert(
    fc.property(scenario, (drawn) => {
      const { emitted, wrong } = runScenario(drawn, met)
      for (const element of emitted) if (element._tag === 'Gap') gaps[element.reason] = (gaps[element.reason] ?? 0) + 1
      expect(wrong).toBeUndefined()
    }),
    { numRuns: 10_000, seed },
  )
  const counts = [...faults.map((fault) => [fault, met.get(fault) ?? 0] as const), ...Object.entries(gaps)]
  console.log(`seed ${seed}; ${counts.map((count) => count.join(': ')).join(', ')}`)
  expect(counts.filter(([, times]) => times === 0)).toEqual([])
  expect([...met.keys()].filter((fault) => !faults.includes(fault))).toEqual([])
})

const pc = connect({
  server: 'https://connect.example.com',
  apiKey: 'a-key',
  transport: () => expect.unreachable('nothing is asked'),
})
const ref = { guid: 'g', key: 'k' }
const cursor: Cursor = { count: 1, timestamp: '', at: 0, digest: 0 }

/** What came in from outside, of which the compiler knows nothing. */
const stored = (text: string): Cursor => {
  const fields: unknown = JSON.parse(text)
  return Object.assign({ ...cursor }, fields)
}

test.each<[what: string, call: () => unknown, says: RegExp]>([
  [
    'a cursor with a negative count',
    () => tailLog(pc.jobs, ref, { from: stored('{"count":-1}') }),
    /^tailLog: from is not .*count/,
  ],
  [
    'a cursor with half a count',
    () => tailLog(pc.jobs, ref, { from: stored('{"count":0.5}') }),
    /^tailLog: from is not .*count/,
  ],
  [
    'a cursor whose time is a number',
    () => tailLog(pc.jobs, ref, { from: stored('{"timestamp":7}') }),
    /^tailLog: from is not .*time/,
  ],
  [
    'a deadline of 0',
    () => tailLog(pc.jobs, ref, { deadline: 0 }),
    /^tailLog: deadline must be a positive number .* was 0$/,
  ],
  ['a deadline of NaN', () => tailLog(pc.jobs, ref, { deadline: Number.NaN }), /^tailLog: deadline .* was NaN$/],
  ['a negative bound', () => tailLog(pc.jobs, ref, { maxFailures: -1 }), /^tailLog: maxFailures .* was -1$/],
  ['a reference that leads elsewhere', () => tailLog(pc.jobs, { guid: '..', key: 'k' }), /guid/],
  ['an empty key', () => tailLog(pc.jobs, { guid: 'g', key: '' }), /key/],
  [
    'a cursor given to a follow',
    () => followJob(pc.jobs, ref, { from: stored('{"at":-1}') }),
    /^followJob: from is not .*at/,
  ],
])('%s is refused at the call', (_, call, says) => {
  expect(refusal(call)).toMatch(says)
})

test('nothing is asked before somebody subscribes', async () => {
  const stream = tailLog(pc.jobs, ref, { retry: { maxAttempts: 1 } })
  await expect(firstValueFrom(stream)).rejects.toThrow('nothing is asked')
})
