// A million lines through toAsyncIterable(tailLog(…)) to a reader that is slower than the service, on real sockets: how far
// the service gets ahead, and how much memory that takes: npx tsx bench/slow-reader.ts [lines]
import { createServer, type ServerResponse } from 'node:http'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { tailLog, toAsyncIterable } from 'rxjobs'
import { connect } from 'rxjobs/connect'

const total = Number(process.argv[2] ?? 1_000_000)
const restEvery = 1_000
const restMs = 5

const line = (n: number): { readonly data: string } & Readonly<Record<string, string>> => ({
  source: 'stdout',
  timestamp: new Date(1_800_000_000_000 + n).toISOString(),
  data: `step ${n} of ${total}: reading the orders of region ${n % 4}`,
})

// A log of which nothing is kept: after its first lines it grows as fast as its connection takes it.
const firstLines = 10
const beginsAfterMs = 500
let written = firstLines

/** Sends texts as fast as they are taken. */
function send(response: ServerResponse, next: () => string | undefined): void {
  for (let text = next(); text !== undefined; text = next()) {
    if (!response.write(`${text}\n`)) return void response.once('drain', () => send(response, next))
  }
  response.end()
}

function tail(response: ServerResponse): void {
  for (let n = 0; n < firstLines; n++) response.write(`${JSON.stringify(line(n))}\n`)
  setTimeout(() => send(response, () => (written < total ? JSON.stringify(line(written++)) : undefined)), beginsAfterMs)
}

function download(response: ServerResponse): void {
  let sent = 0
  send(response, () => (sent < written ? line(sent++).data : undefined))
}

const json = (response: ServerResponse, value: unknown): void => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
const server = createServer(({ url = '' }, response) => {
  if (url.endsWith('/tail')) {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    tail(response)
  } else if (url.includes('/download')) {
    download(response)
  } else if (url.includes('/log')) {
    const most = Number(new URL(url, 'http://host').searchParams.get('maxLogLines'))
    const shown = Math.min(most, written)
    json(response, { entries: Array.from({ length: shown }, (_, at) => line(written - shown + at)) })
  } else if (url.endsWith('/error')) response.writeHead(204).end()
  else json(response, { key: 'k', status: written < total ? 0 : 2, exit_code: 0 })
})
const port = await new Promise<number>((resolve) => {
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    resolve(typeof address === 'object' && address !== null ? address.port : 0)
  })
})

/** MiB in use, with what sockets hold. */
function used(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / 2 ** 20
}

const { jobs } = connect({ server: `http://127.0.0.1:${port}`, apiKey: 'k' })
const before = used()
let received = 0
let gaps = 0
let ahead = 0
let most = 0
for await (const element of toAsyncIterable(tailLog(jobs, { guid: 'g', key: 'k' }))) {
  if (element._tag === 'Gap') gaps++
  else if (element.index === received) received++
  if (received % restEvery > 0) continue
  ahead = Math.max(ahead, written - received)
  most = Math.max(most, used())
  await wait(restMs)
}
server.closeAllConnections()
server.close()
console.log(`lines written ${total}, received in order ${received}, gaps ${gaps}`)
console.log(
  `the service was at most ${ahead} lines ahead; memory ${before.toFixed(0)} MiB before, at most ${most.toFixed(0)} MiB`,
)
process.exitCode = received === total && gaps === 0 ? 0 : 1
