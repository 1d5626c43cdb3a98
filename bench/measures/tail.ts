// Processor time to follow a log over its open connection, beside splitting and parsing the same bytes.
import { Effect, Stream } from 'effect'
import { createParser } from 'eventsource-parser'
import { Observable, of, timer } from 'rxjs'
import { type Chunk, type Head, tailLog, type Transport } from 'rxjobs'
import { connect } from 'rxjobs/connect'
import { cpu, heap, inTurns } from '../measuring.ts'
import { type Mark, report, type Row } from '../report.ts'

/** One way to send a line: what is before it, what is after it. */
interface Form {
  readonly name: string
  readonly type: string
  readonly before: string
  readonly after: string
}
const ndjson: Form = { name: 'NDJSON', type: 'application/x-ndjson', before: '', after: '\n' }
const sse: Form = { name: 'server-sent events', type: 'text/event-stream', before: 'data: ', after: '\n\n' }

const encoder = new TextEncoder()
const entry = (n: number): string =>
  JSON.stringify({
    source: n % 7 === 0 ? 'stderr' : 'stdout',
    timestamp: `2026-11-22T09:30:${String(Math.floor(n / 20_000) % 60).padStart(2, '0')}.${String((n % 20_000) * 50_000).padStart(9, '0')}Z`,
    data: `step ${n}: reading the orders of region ${n % 4}, ${n * 17} rows so far`,
  })

/** A log on its way, in pieces of 64 KiB, outside the heap of JavaScript. */
interface Sent {
  readonly form: Form
  readonly lines: number
  readonly chunks: ReadonlyArray<Uint8Array>
  readonly first: Uint8Array
  readonly last: Uint8Array
}

function sent(form: Form, lines: number): Sent {
  const window = (from: number): Uint8Array =>
    encoder.encode(`{"entries":[${Array.from({ length: 32 }, (_, n) => entry(from + n)).join()}]}`)
  const parts: Array<Uint8Array> = []
  for (let from = 0; from < lines; from += 10_000) {
    const some = Array.from({ length: Math.min(10_000, lines - from) }, (_, n) => form.before + entry(from + n))
    parts.push(encoder.encode(some.map((line) => line + form.after).join('')))
  }
  const bytes = Buffer.concat(parts)
  const chunks = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, n) =>
    bytes.subarray(n * 65_536, (n + 1) * 65_536),
  )
  return { form, lines, chunks, first: window(0), last: window(lines - 32) }
}

/**
 * A service whose log comes over the open connection; a window shows its first lines as well, so that the two can be
 * joined. The job is over when all of it was sent.
 */
function service({ form, chunks, first, last }: Sent, isOver: () => boolean): Transport {
  let isWritten = false
  const answer = (bytes: Uint8Array): Observable<Head | Chunk> => of({ status: 200, headers: [] }, { bytes })
  return ({ url }) => {
    if (url.includes('/tail')) {
      return new Observable((subscriber) => {
        subscriber.next({ status: 200, headers: [['content-type', form.type]] })
        subscriber.add(
          timer(1).subscribe(() => {
            isWritten = true
            for (const bytes of chunks) subscriber.next({ bytes })
            subscriber.complete()
          }),
        )
      })
    }
    if (url.includes('/log')) return answer(isOver() ? last : isWritten ? first : encoder.encode('{"entries":[]}'))
    if (url.includes('/error')) return of({ status: 204, headers: [] })
    return answer(encoder.encode(JSON.stringify({ key: 'k', status: isOver() ? 2 : 0, exit_code: 0 })))
  }
}

function complete(received: number, { lines }: Sent): void {
  if (received !== lines) throw new Error(`received ${received} of ${lines}`)
}

/** Milliseconds from the first line of tailLog to the last, and the most heap meanwhile, where it is to be looked at. */
async function tailed(log: Sent, looks = false): Promise<{ readonly ms: number; readonly peak: number }> {
  let over = false
  const { jobs } = connect({ server: 'http://localhost:1', apiKey: 'k', transport: service(log, () => over) })
  let [received, begun, ended, peak] = [0, 0, 0, 0]
  await tailLog(jobs, { guid: 'g', key: 'k' }).forEach((element) => {
    if (received === 0) begun = cpu()
    if (element._tag === 'Line') received++
    if (looks && received % 2_500 === 0) peak = Math.max(peak, heap())
    if (received === log.lines) {
      ended = cpu()
      over = true
    }
  })
  complete(received, log)
  return { ms: ended - begun, peak }
}

const isEntry = (text: string): boolean => typeof JSON.parse(text) === 'object'

/** All that is needed where nothing can go wrong. */
function split(log: Sent): number {
  const begun = cpu()
  const decoder = new TextDecoder()
  let rest = ''
  let received = 0
  for (const bytes of log.chunks) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split(log.form.after)
    rest = parts.pop() ?? ''
    for (const part of parts) if (isEntry(part.slice(log.form.before.length))) received++
  }
  complete(received, log)
  return cpu() - begun
}

function eventsource(log: Sent): number {
  const begun = cpu()
  const decoder = new TextDecoder()
  let received = 0
  const parser = createParser({ onEvent: ({ data }) => isEntry(data) && received++ })
  for (const bytes of log.chunks) parser.feed(decoder.decode(bytes, { stream: true }))
  complete(received, log)
  return cpu() - begun
}

async function effect(log: Sent): Promise<number> {
  const begun = cpu()
  const received = await Effect.runPromise(
    Stream.fromIterable(log.chunks, { chunkSize: 1 }).pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.map((line) => line !== '' && isEntry(line.slice(log.form.before.length))),
      Stream.runFold(
        () => 0,
        (count: number, good: boolean) => (good ? count + 1 : count),
      ),
    ),
  )
  complete(received, log)
  return cpu() - begun
}

const lines = 50_000
const rows: Array<Row> = []
const marks: Array<Mark> = []
const bars: Array<{ label: string; value: number }> = []
for (const form of [ndjson, sse]) {
  const log = sent(form, lines)
  const found = await inTurns(
    [
      ['split + JSON.parse', () => split(log)],
      ['rxjobs', async () => (await tailed(log)).ms],
      ...(form === sse ? ([['eventsource-parser + JSON.parse', () => eventsource(log)]] as const) : []),
      ['Effect Stream + JSON.parse', () => effect(log)],
    ],
    { rounds: 11 },
  )
  for (const { subject, value, ratio } of found) {
    const perSecond = lines / value / 1_000
    rows.push({
      measure: form.name,
      subject,
      value: perSecond,
      unit: 'M lines/s',
      ratio: 1 / ratio,
      to: 'split + JSON.parse',
    })
    bars.push({ label: `${subject} (${form === sse ? 'SSE' : 'NDJSON'})`, value: 1 / ratio })
    if (subject === 'rxjobs') {
      marks.push({
        what: `lines per second over ${form.name}`,
        bound: '≥ 0.75 × split + JSON.parse',
        value: 1 / ratio,
        met: 1 / ratio >= 0.75,
      })
    }
  }
}

const perLine: Array<readonly [number, number]> = []
const grown: Array<readonly [number, number]> = []
for (const many of [10_000, 100_000, 1_000_000]) {
  const log = sent(ndjson, many)
  const times = await inTurns([['rxjobs', async () => (await tailed(log)).ms]], { rounds: 3, warmUp: 1 })
  const micros = ((times[0]?.value ?? Number.NaN) * 1_000) / many
  // Looked at in a run of its own, a collection at every look: it is what is held, not what awaits collection.
  const before = heap()
  const held = await tailed(log, true)
  const mib = (held.peak - before) / 2 ** 20
  perLine.push([many, micros])
  grown.push([many, mib])
  rows.push(
    { measure: 'growth: processor time of a line', subject: `rxjobs, ${many} lines`, value: micros, unit: 'µs' },
    { measure: 'growth: heap held at most', subject: `rxjobs, ${many} lines`, value: mib, unit: 'MiB' },
  )
}
const [small, large] = [perLine[0]?.[1] ?? Number.NaN, perLine[2]?.[1] ?? Number.NaN]
marks.push(
  {
    what: 'time of a line of 10⁶ lines',
    bound: '≤ 1.2 × that of 10⁴ (linear)',
    value: large / small,
    met: large / small <= 1.2,
  },
  {
    what: 'heap held over 10⁶ lines, MiB',
    bound: '≤ 2 MiB (flat)',
    value: grown[2]?.[1] ?? Number.NaN,
    met: (grown[2]?.[1] ?? Number.NaN) <= 2,
  },
)

report({
  title: 'Following a log',
  how: `Processor time from the first line to the last, ${lines} lines of about 130 bytes in pieces of 64 KiB, given by a transport in the process.`,
  rows,
  marks,
  plots: [
    { kind: 'bars', title: 'Lines per second, beside split + JSON.parse', unit: '×', mark: 0.75, bars },
    {
      kind: 'lines',
      title: 'Growth from 10⁴ to 10⁶ lines',
      x: 'lines (each step ten times as many)',
      y: 'µs a line; MiB held',
      series: [
        { label: 'µs a line', points: perLine.map(([many, value]) => [Math.log10(many), value]) },
        { label: 'MiB held', points: grown.map(([many, value]) => [Math.log10(many), Math.max(0, value)]) },
      ],
    },
  ],
  notes: [
    'What tailLog adds to splitting and parsing is one check, a comparison with the place, one object for the line and one for its cursor; most of the time is JSON.parse in both. Runs fall on two levels: five of this code within half an hour, with nothing else running, gave 0.58, 0.74, 0.63, 0.63 and 0.80 over NDJSON and 0.56, 0.77, 0.56, 0.56 and 0.74 over server-sent events, of which the table has the last; three of the version before, taken between them, 0.80, 0.74 and 0.77, and 0.73, 0.71 and 0.69. What decides between the levels was not found: the same sources built as single modules gave 0.78 and 0.72, once; next to two busy processors it is the lower one. Events are searched for line ends and not split into lines: splitting made them a seventh slower than NDJSON.',
    'What is compared is not the same work: rxjobs checks each entry, joins the connection with the window that was read, drops what was there already and gives each line its index and its cursor; the others give parsed values.',
    'No socket is in it: one of those costs all of them the same. `npx tsx bench/soak.ts` follows a million lines over cut connections of real sockets, `npx tsx bench/tail-cost.ts` counts the bytes that are read to follow a log.',
    'eventsource-parser is measured on what it is for. Effect’s lines are split, not parsed as events.',
  ],
})
