// Lines per second of processor time through tailLog (typed, joined, with a cursor each), beside split + JSON.parse of the same bytes, taken in
// turns in one process: npx tsx bench/tail-throughput.ts [lines] [pairs]
import { Observable, of, timer } from 'rxjs'
import { type Chunk, type Head, tailLog, type Transport } from 'rxjobs'
import { connect } from 'rxjobs/connect'

const lines = Number(process.argv[2] ?? 100_000)
const pairs = Number(process.argv[3] ?? 21)
const encoder = new TextEncoder()
const entries = Array.from({ length: lines }, (_, n) =>
  JSON.stringify({
    source: n % 7 === 0 ? 'stderr' : 'stdout',
    timestamp: `2026-11-22T09:30:${String(Math.floor(n / 20_000) % 60).padStart(2, '0')}.${String((n % 20_000) * 50_000).padStart(9, '0')}Z`,
    data: `step ${n}: reading the orders of region ${n % 4}, ${n * 17} rows so far`,
  }),
)

/** Processor time of this process in milliseconds: a busy machine does not change it as it does the time of day. */
function spent(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** One way to send a line: what is before it, what is after it. */
interface Form {
  readonly name: string
  readonly type: string
  readonly before: string
  readonly after: string
}
const forms: ReadonlyArray<Form> = [
  { name: 'NDJSON', type: 'application/x-ndjson', before: '', after: '\n' },
  { name: 'server-sent events', type: 'text/event-stream', before: 'data: ', after: '\n\n' },
]

function chunksOf({ before, after }: Form): ReadonlyArray<Chunk> {
  const bytes = encoder.encode(entries.map((entry) => before + entry + after).join(''))
  return Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, n) => ({
    bytes: bytes.subarray(n * 65_536, (n + 1) * 65_536),
  }))
}

const first: unknown = JSON.parse(`[${entries.slice(0, 32).join()}]`)
const last: unknown = JSON.parse(`[${entries.slice(-32).join()}]`)
const json = (value: unknown): Observable<Head | Chunk> =>
  of({ status: 200, headers: [] }, { bytes: encoder.encode(JSON.stringify(value)) })

/**
 * A service whose log comes over the open connection, all but the first lines, which a window shows as well, so that the
 * two can be joined; the job is over when all of it was sent.
 */
function service({ type }: Form, chunks: ReadonlyArray<Chunk>, isOver: () => boolean): Transport {
  let isWritten = false
  return ({ url }) => {
    if (url.includes('/tail')) {
      return new Observable((subscriber) => {
        subscriber.next({ status: 200, headers: [['content-type', type]] })
        subscriber.add(
          timer(1).subscribe(() => {
            isWritten = true
            for (const chunk of chunks) subscriber.next(chunk)
            subscriber.complete()
          }),
        )
      })
    }
    if (url.includes('/log')) return json({ entries: isOver() ? last : isWritten ? first : [] })
    return url.includes('/error')
      ? of({ status: 204, headers: [] })
      : json({ key: 'k', status: isOver() ? 2 : 0, exit_code: 0 })
  }
}

/** Processor time from the first line to the last. */
async function tailed(form: Form, chunks: ReadonlyArray<Chunk>): Promise<number> {
  let sent = false
  const { jobs } = connect({ server: 'http://localhost:1', apiKey: 'k', transport: service(form, chunks, () => sent) })
  let received = 0
  let begun = 0
  let ended = 0
  await tailLog(jobs, { guid: 'g', key: 'k' }).forEach((element) => {
    if (received === 0) begun = spent()
    if (element._tag === 'Line') received++
    if (received === lines) {
      ended = spent()
      sent = true
    }
  })
  if (received !== lines) throw new Error(`received ${received} of ${lines}`)
  return ended - begun
}

/** Processor time to split and parse the same bytes, which is all that is needed where nothing can go wrong. */
function parsed({ before, after }: Form, chunks: ReadonlyArray<Chunk>): number {
  const begun = spent()
  const decoder = new TextDecoder()
  let rest = ''
  let received = 0
  for (const { bytes } of chunks) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split(after)
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const entry: unknown = JSON.parse(part.slice(before.length))
      if (typeof entry === 'object') received++
    }
  }
  if (received !== lines) throw new Error(`received ${received} of ${lines}`)
  return spent() - begun
}

for (const form of forms) {
  const chunks = chunksOf(form)
  const ratios: Array<number> = []
  for (let pair = 0; pair < pairs; pair++) ratios.push(parsed(form, chunks) / (await tailed(form, chunks)))
  ratios.sort((a, b) => a - b)
  const at = (part: number): string => (ratios[Math.floor(pairs * part)] ?? Number.NaN).toFixed(2)
  console.log(
    `${form.name}: tailLog ÷ (split + JSON.parse), lines per processor second: median ${at(0.5)} of ${pairs} pairs of ${lines} lines, quartiles ${at(0.25)} and ${at(0.75)}`,
  )
}
