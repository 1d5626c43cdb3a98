// Bytes read to follow a log, as a ratio to the log's own size: npx tsx bench/tail-cost.ts
import { lastValueFrom, timer } from 'rxjs'
import { tailLog } from 'rxjobs'
import { connect } from 'rxjobs/connect'
import { type FeedEntry, type SandboxOptions, startSandbox } from 'rxjobs/sandbox'

const line = (n: number): FeedEntry => ({
  source: n % 7 === 0 ? 'stderr' : 'stdout',
  data: `line ${n}: ${'the quick brown fox jumps over the lazy dog '.slice(0, 20 + (n % 20))}`,
})

interface Case {
  readonly name: string
  readonly lines: number
  /** Lines a second; undefined for a job that is over before it is followed. */
  readonly perSecond?: number
  readonly sandbox: SandboxOptions
}

/** What the service would send for the whole log in one answer, in bytes. */
const sizeOf = (entries: ReadonlyArray<unknown>): number => Buffer.byteLength(JSON.stringify({ entries }))

async function run({ name, lines, perSecond, sandbox: options }: Case): Promise<void> {
  const sandbox = await startSandbox(options)
  const job = sandbox.connect.feed()
  const pc = connect(sandbox.connect)
  async function write(): Promise<void> {
    const perBeat = perSecond === undefined ? lines : Math.ceil(perSecond / 20)
    for (let from = 0; from < lines; from += perBeat) {
      job.write(Array.from({ length: Math.min(perBeat, lines - from) }, (_, at) => line(from + at)))
      if (perSecond !== undefined) await lastValueFrom(timer(50))
    }
    job.finish(0)
  }
  const writing = write()
  if (perSecond === undefined) {
    await writing
    await lastValueFrom(timer(200))
  }
  const entries: Array<unknown> = []
  let received = 0
  let gaps = 0
  await tailLog(pc.jobs, job).forEach((element) => {
    if (element._tag === 'Gap') gaps++
    else {
      received++
      entries.push({
        source: 'stdout',
        timestamp: element.timestamp || '2026-11-22T00:00:00.123456789Z',
        data: element.data,
      })
    }
  })
  await writing
  const logReads = sandbox.exchanges.filter(({ path }) => /\/(log|tail|download)\b/.test(path))
  const bytes = logReads.reduce((sum, { bytesOut }) => sum + bytesOut, 0)
  const count = (kind: string): number => logReads.filter(({ path }) => path.includes(`/${kind}`)).length
  console.log(
    `${name}: ${received} of ${lines} lines, ${gaps} gaps; bytes read ÷ bytes of the log ${(bytes / sizeOf(entries)).toFixed(2)}`,
    `(windows ${count('log')}, downloads ${count('download')}, connections ${count('tail')})`,
  )
  await sandbox.close()
}

const polled: SandboxOptions = { tail: { lacking: 405 } }
await run({ name: 'running, polled, keeps last', lines: 50_000, perSecond: 2_500, sandbox: polled })
await run({
  name: 'running, polled, keeps first',
  lines: 50_000,
  perSecond: 2_500,
  sandbox: { ...polled, log: { keeps: 'first' } },
})
await run({ name: 'running, open connection', lines: 50_000, perSecond: 2_500, sandbox: {} })
await run({ name: 'finished, within a window', lines: 4_900, sandbox: {} })
await run({ name: 'finished, beyond the window, keeps last', lines: 50_000, sandbox: {} })
await run({ name: 'finished, beyond the window, keeps first', lines: 50_000, sandbox: { log: { keeps: 'first' } } })
