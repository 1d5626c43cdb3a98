// A million lines through at least 200 cut connections, on real sockets: npx tsx bench/soak.ts [lines] [linesPerSecond]
import process from 'node:process'
import { interval, lastValueFrom, map, scan, takeWhile, tap } from 'rxjs'
import { type LogElement, tailLog } from 'rxjobs'
import { connect } from 'rxjobs/connect'
import { startSandbox } from 'rxjobs/sandbox'

const [total = 1_000_000, perSecond = 10_000] = process.argv.slice(2).map(Number)
const beat = 25

// A connection that begins with some of the lines before: the join must drop just those.
const sandbox = await startSandbox({
  tail: { replay: 500 },
  faults: { seed: 20261122, rules: [{ kind: 'cut', match: { path: /\/tail$/ }, after: { ms: 350 } }] },
})
const job = sandbox.connect.feed()
const pc = connect(sandbox.connect)

/** The log: bursts of equal text, stdout and stderr in turns; the number at the end is what is checked. */
const line = (n: number): { source: 'stdout' | 'stderr'; data: string } => ({
  source: n % 7 === 0 ? 'stderr' : 'stdout',
  data: n % 5 === 0 ? 'tick' : `step ${n} of ${total}: ${'·'.repeat(n % 40)}`,
})

const perBeat = Math.ceil((perSecond * beat) / 1_000)
const written = interval(beat).pipe(
  scan((from) => Math.min(total, from + perBeat), 0),
  tap((to) =>
    job.write(
      Array.from({ length: Math.min(perBeat, to - (Math.ceil(to / perBeat) - 1) * perBeat) }, (_, i) =>
        line((Math.ceil(to / perBeat) - 1) * perBeat + i),
      ),
    ),
  ),
  takeWhile((to) => to < total, true),
)
const writing = lastValueFrom(written).then(() => job.finish(0))

let next = 0
let lost = 0
let repeated = 0
let gaps = 0
let untimed = 0
let peak = 0
function check(element: LogElement<unknown>): void {
  if (element._tag === 'Gap') {
    gaps++
    return
  }
  if (element.source === '') untimed++
  if (element.data === line(next).data) next++
  else {
    const at = Number(/^step (\d+) /.exec(element.data)?.[1] ?? Number.NaN)
    if (at > next) {
      lost += at - next
      next = at + 1
    } else repeated++
  }
  if (next % 10_000 === 0) peak = Math.max(peak, process.memoryUsage().heapUsed)
}
const begun = Date.now()
await lastValueFrom(
  tailLog(pc.jobs, job).pipe(
    tap(check),
    map(() => undefined),
  ),
)
await writing

const seconds = (Date.now() - begun) / 1_000
const of = (path: RegExp) => sandbox.exchanges.filter((exchange) => path.test(exchange.path))
console.log(`lines written ${total}, received ${next}, lost ${lost + total - next}, repeated ${repeated}, gaps ${gaps}`)
console.log(
  `connections cut ${sandbox.faults.met.cut}, tails opened ${of(/\/tail$/).length}, windows read ${of(/\/log\?/).length}, downloads ${of(/\/download/).length}, lines from downloads ${untimed}`,
)
console.log(
  `seconds ${seconds.toFixed(1)}, heap at most ${(peak / 2 ** 20).toFixed(0)} MiB (the sandbox and its million lines included)`,
)
await sandbox.close()
process.exitCode = lost + repeated + gaps === 0 && next === total ? 0 : 1
