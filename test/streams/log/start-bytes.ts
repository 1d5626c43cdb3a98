// How many bytes of answers each start of a log costs, on the sandbox: npx tsx test/streams/log/start-bytes.ts
import { lastValueFrom, toArray } from 'rxjs'
import { type LogStart, readLog } from 'rxjobs'
import { connect } from 'rxjobs/connect'
import { startSandbox } from 'rxjobs/sandbox'

const lines = 20_000

const sandbox = await startSandbox()
const { server, apiKey } = sandbox.connect
const job = sandbox.connect.feed()
const text = (n: number): string => `${n} ${'a line of the log, as long as most '.repeat(2)}`
// One line each 10 ms.
const timestamp = (n: number): string => new Date(Date.now() - (lines - n) * 10).toISOString()
job.write(Array.from({ length: lines }, (_, n) => ({ source: 'stdout', timestamp: timestamp(n), data: text(n) })))
const ref = { guid: job.guid, key: job.key }

let bytes = 0
let requests = 0
const counted: typeof fetch = async (input, init) => {
  const response = await fetch(input, init)
  const [body = null, copy] = response.body?.tee() ?? []
  requests++
  void copy?.pipeTo(new WritableStream({ write: (chunk: Uint8Array) => void (bytes += chunk.length) }))
  return new Response(body, response)
}
const pc = connect({ server, apiKey, fetch: counted })

const starts: ReadonlyArray<readonly [string, LogStart]> = [
  ["'now'", 'now'],
  ['{ last: 50 }', { last: 50 }],
  ['{ last: 1000 }', { last: 1_000 }],
  ['{ since: ten seconds ago }', { since: new Date(Date.now() - 10_000) }],
  ["'start'", 'start'],
]
for (const [name, from] of starts) {
  ;[bytes, requests] = [0, 0]
  const seen = await lastValueFrom(readLog(pc.jobs, ref, { from }).pipe(toArray()))
  console.log(`${name}: ${seen.length} lines, ${(bytes / 1_000).toFixed(1)} kB in ${requests} answers`)
}
await sandbox.close()
