// A million lines through at least 200 connections that are cut, on real sockets: npx tsx bench/soak.ts [lines] [linesPerSecond]
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { type LogElement, tailLog } from 'rxjobs'
import { connect } from 'rxjobs/connect'
import { startSandbox } from 'rxjobs/sandbox'

const [total = 1_000_000, perSecond = 4_000] = process.argv.slice(2).map(Number)
const beat = 25
const perBeat = Math.ceil((perSecond * beat) / 1_000)

// Each connection replays up to 500 lines and is cut after 350 ms: the tail must drop just what it has.
const sandbox = await startSandbox({
  tail: { replay: 500 },
  faults: { seed: 20261122, rules: [{ kind: 'cut', match: { path: /\/tail$/ }, after: { ms: 350 } }] },
})
const { server, apiKey } = sandbox.connect
const job = sandbox.connect.feed()
const { jobs } = connect({ server, apiKey })

/** Equal texts, stdout and stderr in turns; the number in the text is what is checked. */
const line = (n: number): { readonly source: 'stdout' | 'stderr'; readonly data: string } => ({
  source: n % 7 === 0 ? 'stderr' : 'stdout',
  data: n % 5 === 0 ? 'tick' : `step ${n} of ${total}: ${'·'.repeat(n % 40)}`,
})

async function write(): Promise<void> {
  const begun = performance.now()
  for (let from = 0; from < total; from += perBeat) {
    job.write(Array.from({ length: Math.min(perBeat, total - from) }, (_, at) => line(from + at)))
    await wait(begun + (from / perBeat + 1) * beat - performance.now())
  }
  job.finish(0)
}

let [next, lost, repeated, gaps, peak] = [0, 0, 0, 0, 0]

function check(element: LogElement<unknown>): void {
  if (element._tag === 'Gap') gaps++
  else if (element.data === line(next).data) next++
  else {
    const at = Number(/^step (\d+) /.exec(element.data)?.[1] ?? Number.NaN)
    if (at > next) {
      lost += at - next
      next = at + 1
    } else repeated++
  }
  if (next % 10_000 === 0) peak = Math.max(peak, process.memoryUsage().heapUsed)
}

const begun = performance.now()
await Promise.all([write(), tailLog(jobs, job).forEach(check)])
lost += total - next

const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
const requests = (path: RegExp): number => sandbox.exchanges.filter((exchange) => path.test(exchange.path)).length
console.log(`lines written ${total}, received ${next}, lost ${lost}, repeated ${repeated}, gaps ${gaps}`)
console.log(
  `connections cut ${sandbox.faults.met.cut}, opened ${requests(/\/tail$/)}; logs read ${requests(/\/log\?/)}, downloads ${requests(/\/download/)}`,
)
console.log(`${seconds} s, heap at most ${(peak / 2 ** 20).toFixed(0)} MiB, the sandbox and its lines included`)
await sandbox.close()
process.exitCode = lost + repeated + gaps === 0 ? 0 : 1
