// Processor time to follow a log over its open connection, beside splitting and parsing the same bytes.
import { createParser } from 'eventsource-parser'
import { Observable, of, timer } from 'rxjs'
import { editions, type Edition, type Service } from './editions.ts'
import { cpu, type Figure, ratios, report } from './measure.ts'

const lines = 50_000
const rounds = 7
const encoder = new TextEncoder()

/** How a line is sent: what is before it, what is after it. */
interface Framing {
  readonly name: string
  readonly contentType: string
  readonly before: string
  readonly after: string
  readonly atLeast: number
}
const ndjson: Framing = {
  name: 'NDJSON',
  contentType: 'application/x-ndjson',
  before: '',
  after: '\n',
  atLeast: 0.85,
}
const sse: Framing = {
  name: 'server-sent events',
  contentType: 'text/event-stream',
  before: 'data: ',
  after: '\n\n',
  atLeast: 0.8,
}

const twoDigits = (n: number): string => String(n).padStart(2, '0')
const entry = (n: number): string =>
  JSON.stringify({
    source: n % 7 === 0 ? 'stderr' : 'stdout',
    timestamp: `2026-11-22T09:30:${twoDigits(Math.floor(n / 20_000))}.${String((n % 20_000) * 50_000).padStart(9, '0')}Z`,
    data: `step ${n}: reading the orders of region ${n % 4}, ${n * 17} rows so far`,
  })

/** The log in pieces of 64 KiB. */
function piecesOf({ before, after }: Framing): ReadonlyArray<Uint8Array> {
  const text = Array.from({ length: lines }, (_, n) => before + entry(n) + after).join('')
  const bytes = encoder.encode(text)
  const size = 65_536
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size))
}

/** A service whose log comes over the open connection. Its log resource shows the first lines meanwhile, so that the two can be joined. */
class LogService {
  readonly #framing: Framing
  readonly #pieces: ReadonlyArray<Uint8Array>
  #visible = 0
  /** Processor time when the first piece was sent. */
  begun = 0

  constructor(framing: Framing, pieces: ReadonlyArray<Uint8Array>) {
    this.#framing = framing
    this.#pieces = pieces
  }

  finish(): void {
    this.#visible = lines
  }

  readonly answer: Service = (url) => {
    if (url.includes('/tail')) return this.#tail()
    if (url.includes('/log')) return this.#window(Number(new URL(url).searchParams.get('maxLogLines') ?? 5_000))
    if (url.includes('/error')) return of({ status: 204, headers: [] })
    return json(JSON.stringify({ key: 'k', status: this.#visible === lines ? 2 : 0, exit_code: 0 }))
  }

  #window(most: number): ReturnType<Service> {
    const shown = Math.min(most, this.#visible)
    const entries = Array.from({ length: shown }, (_, at) => entry(this.#visible - shown + at))
    return json(`{"entries":[${entries.join()}]}`)
  }

  #tail(): ReturnType<Service> {
    return new Observable((subscriber) => {
      subscriber.next({ status: 200, headers: [['content-type', this.#framing.contentType]] })
      const sending = timer(1).subscribe(() => {
        this.#visible = 32
        this.begun = cpu()
        for (const bytes of this.#pieces) subscriber.next({ bytes })
        subscriber.complete()
      })
      subscriber.add(sending)
    })
  }
}

const json = (text: string): ReturnType<Service> => of({ status: 200, headers: [] }, { bytes: encoder.encode(text) })

/** Processor time from the first piece to the last line. */
async function tailed(edition: Edition, framing: Framing, pieces: ReadonlyArray<Uint8Array>): Promise<number> {
  const service = new LogService(framing, pieces)
  let [received, ended] = [0, 0]
  await edition.tail({ service: service.answer }).forEach(({ _tag }) => {
    if (_tag === 'Line') received++
    if (received < lines) return
    ended = cpu()
    service.finish()
  })
  check(received)
  return ended - service.begun
}

function check(received: number): void {
  if (received !== lines) throw new Error(`received ${received} of ${lines} lines`)
}

const isEntry = (text: string): boolean => typeof JSON.parse(text) === 'object'

/** What is needed at least: decode, split, parse. */
function split({ before, after }: Framing, pieces: ReadonlyArray<Uint8Array>): number {
  const begun = cpu()
  const decoder = new TextDecoder()
  let [rest, received] = ['', 0]
  for (const bytes of pieces) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split(after)
    rest = parts.pop() ?? ''
    for (const part of parts) if (isEntry(part.slice(before.length))) received++
  }
  check(received)
  return cpu() - begun
}

function parsedEvents(pieces: ReadonlyArray<Uint8Array>): number {
  const begun = cpu()
  const decoder = new TextDecoder()
  let received = 0
  const parser = createParser({ onEvent: ({ data }) => isEntry(data) && received++ })
  for (const bytes of pieces) parser.feed(decoder.decode(bytes, { stream: true }))
  check(received)
  return cpu() - begun
}

const figures: Array<Figure> = []
for (const framing of [ndjson, sse]) {
  const pieces = piecesOf(framing)
  const times = await ratios(
    {
      'split + JSON.parse': () => split(framing, pieces),
      ...Object.fromEntries(editions.map((edition) => [edition.name, () => tailed(edition, framing, pieces)])),
      ...(framing === sse ? { 'eventsource-parser + JSON.parse': () => parsedEvents(pieces) } : {}),
    },
    rounds,
  )
  figures.push({
    measure: `lines a second ÷ split + JSON.parse, ${framing.name}`,
    mark: { atLeast: framing.atLeast },
    values: Object.fromEntries(Object.entries(times).map(([subject, ratio]) => [subject, 1 / ratio])),
  })
}

report({
  title: 'Tailing a log',
  text: [
    `Processor time from the first byte to the last line of \`tailLog\`: ${lines} lines of about 130 bytes in pieces of 64 KiB, given by a transport inside the process.`,
    'The work is not the same: rxjobs checks each entry, joins the connection with what the log resource shows, drops what was emitted already and gives each line an index and a cursor. The others only parse.',
  ],
  figures,
})
