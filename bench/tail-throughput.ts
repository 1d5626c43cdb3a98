// Lines a second through tailLog (typed, joined, with a cursor each), beside split + JSON.parse of the same bytes, taken in
// turns in one process: npx tsx bench/tail-throughput.ts [lines]
import { Observable, of, timer } from 'rxjs'
import { type Chunk, type Head, tailLog, type Transport } from 'rxjobs'
import { connect } from 'rxjobs/connect'

const lines = Number(process.argv[2] ?? 500_000)
const pairs = 7
const encoder = new TextEncoder()
const text = Array.from({ length: lines }, (_, n) =>
  JSON.stringify({
    source: n % 7 === 0 ? 'stderr' : 'stdout',
    timestamp: `2026-11-22T09:30:${String(Math.floor(n / 20_000) % 60).padStart(2, '0')}.${String((n % 20_000) * 50_000).padStart(9, '0')}Z`,
    data: `step ${n}: reading the orders of region ${n % 4}, ${n * 17} rows so far`,
  }),
).join('\n')
const bytes = encoder.encode(`${text}\n`)
const chunks = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, n) => ({
  bytes: bytes.subarray(n * 65_536, (n + 1) * 65_536),
}))

const last: unknown = JSON.parse(`[${text.split('\n').slice(-32).join()}]`)
const head: Head = { status: 200, headers: [['content-type', 'application/x-ndjson']] }
const json = (value: unknown): Observable<Head | Chunk> =>
  of({ status: 200, headers: [] }, { bytes: encoder.encode(JSON.stringify(value)) })

/** A service whose whole log comes over the open connection; the job is over when all of it was sent. */
function service(isOver: () => boolean): Transport {
  return ({ url }) => {
    if (url.includes('/tail')) {
      return new Observable((subscriber) => {
        subscriber.next(head)
        subscriber.add(
          timer(1).subscribe(() => {
            for (const chunk of chunks) subscriber.next(chunk)
            subscriber.complete()
          }),
        )
      })
    }
    if (url.includes('/log')) return json({ entries: isOver() ? last : [] })
    return url.includes('/error')
      ? of({ status: 204, headers: [] })
      : json({ key: 'k', status: isOver() ? 2 : 0, exit_code: 0 })
  }
}

async function tailed(): Promise<number> {
  let sent = false
  const { jobs } = connect({ server: 'http://localhost:1', apiKey: 'k', transport: service(() => sent) })
  let received = 0
  let begun = 0
  let ended = 0
  await tailLog(jobs, { guid: 'g', key: 'k' }).forEach((element) => {
    if (received === 0) begun = performance.now()
    if (element._tag === 'Line') received++
    if (received === lines) {
      ended = performance.now()
      sent = true
    }
  })
  if (received !== lines) throw new Error(`received ${received} of ${lines}`)
  return ended - begun
}

function parsed(): number {
  const begun = performance.now()
  const decoder = new TextDecoder()
  let rest = ''
  let received = 0
  let sum = 0
  for (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk.bytes, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const entry: unknown = JSON.parse(part)
      if (typeof entry === 'object') sum++
      received++
    }
  }
  if (received !== lines || sum !== lines) throw new Error(`received ${received} of ${lines}`)
  return performance.now() - begun
}

const ratios: Array<number> = []
for (let pair = 0; pair < pairs; pair++) {
  const floor = parsed()
  ratios.push(floor / (await tailed()))
}
ratios.sort((a, b) => a - b)
const median = ratios[Math.floor(pairs / 2)] ?? Number.NaN
console.log(
  `tailLog ÷ (split + JSON.parse), lines a second: median ${median.toFixed(2)} of ${pairs} pairs (${ratios.map((r) => r.toFixed(2)).join(', ')})`,
)
