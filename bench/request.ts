// Processor time of one request, beside the same fetch called bare.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import crossFetch from 'cross-fetch'
import { lastValueFrom } from 'rxjs'
import { type AnyFetch, editions } from './editions.ts'
import { cpu, type Figure, ratios, report } from './measure.ts'

const requests = 800
const rounds = 7

// A service with one job, in a process of its own so that its processor time is not counted.
const server = fork(fileURLToPath(new URL('job-server.mjs', import.meta.url)), { execArgv: [] })
const [port] = (await once(server, 'message')) as [number]
const baseUrl = `http://127.0.0.1:${port}`
const url = `${baseUrl}/api/v2/infrastructureascode/jobs/a-job`
const headers = { accept: 'application/json', authorization: 'Bearer a-token' }

/** What any client pays that can be aborted and does not let a body grow without bound. */
async function abortable(fetch: AnyFetch): Promise<unknown> {
  const response = await fetch(url, { headers, signal: new AbortController().signal })
  return JSON.parse(new TextDecoder().decode(await response.arrayBuffer()))
}

/** Processor time of all requests, `atOnce` of them at a time. */
async function spent(call: () => Promise<unknown>, atOnce: number): Promise<number> {
  const begun = cpu()
  const worker = async (): Promise<void> => {
    for (let time = 0; time < requests / atOnce; time++) {
      const job = await call()
      if (typeof job !== 'object' || job === null || !('status' in job)) throw new Error('no job came')
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return cpu() - begun
}

const figures: Array<Figure> = []
for (const [name, fetch] of [
  ['cross-fetch', crossFetch],
  ['the platform’s fetch', globalThis.fetch],
] as const) {
  const calls: ReadonlyArray<readonly [string, () => Promise<unknown>]> = [
    ['bare fetch', async (): Promise<unknown> => (await fetch(url, { headers })).json() as Promise<unknown>],
    ...editions.map((edition) => {
      const job = edition.readJob(baseUrl, fetch)
      return [edition.name, () => lastValueFrom(job)] as const
    }),
    ['bare fetch with a signal and arrayBuffer', () => abortable(fetch)],
  ]
  for (const atOnce of [1, 16]) {
    const turns = calls.map(([subject, call]) => [subject, () => spent(call, atOnce)] as const)
    const values = await ratios(Object.fromEntries(turns), rounds)
    const way = atOnce === 1 ? 'one by one' : `${atOnce} at once`
    figures.push({ measure: `CPU of a request ÷ bare, ${name}, ${way}`, mark: { atMost: 1.2 }, values })
  }
}
server.disconnect()

report({
  title: 'One request',
  text: [
    `A job is read from a server on loopback that runs in another process, ${requests} requests a turn. Each value is the processor time divided by that of the same fetch called bare, followed by \`response.json()\`.`,
    'The work is not the same: bare fetch cannot be aborted, has no timeout, does not check what it parsed, and accepts a body of any length. The last column shows what a signal and a bounded body cost alone.',
  ],
  figures,
})
