// Bytes read to follow a log that is polled, divided by the bytes of the log, in virtual time.
import { setImmediate } from 'node:timers/promises'
import { last, map, mergeMap, type Observable, of, repeat, takeWhile, timer, VirtualTimeScheduler } from 'rxjs'
import { editions, type Service } from './editions.ts'
import { type Figure, ofBoth, report, seeded } from './measure.ts'

const lines = 50_000
const mostLines = 5_000
const encoder = new TextEncoder()

/** When lines are written: for each line the milliseconds since the start. */
type Schedule = () => ReadonlyArray<number>

const steady =
  (perSecond: number): Schedule =>
  () =>
    Array.from({ length: lines }, (_, n) => Math.floor(((n / perSecond) * 1_000) / 50) * 50)

/** Bursts of 500 lines at once, after pauses in milliseconds. */
const bursts =
  (pauses: () => () => number): Schedule =>
  () => {
    const pause = pauses()
    let now = 0
    const times = Array.from({ length: lines / 500 }, () => (now += pause()))
    return Array.from({ length: lines }, (_, n) => times[Math.floor(n / 500)] ?? now)
  }

/** Up to four seconds, the same ones at each call. */
const anyPause = (): (() => number) => {
  const random = seeded(500)
  return () => Math.round(random() * 4_000)
}

const entryAt = (n: number, ms: number): string =>
  JSON.stringify({
    source: n % 7 === 0 ? 'stderr' : 'stdout',
    timestamp: new Date(1_800_000_000_000 + ms).toISOString().replace('Z', `${String(n % 1_000).padStart(3, '0')}Z`),
    data: `line ${n}: ${'the quick brown fox jumps over the lazy dog '.slice(0, 20 + (n % 20))}`,
  })

/** A server that keeps the last lines and has no live connection. It counts the bytes of the log that it sends. */
class LogServer {
  readonly #scheduler: VirtualTimeScheduler
  readonly #latency: number
  readonly #times: ReadonlyArray<number>
  readonly #entries: ReadonlyArray<string>
  #written = 0
  sent = 0

  constructor(scheduler: VirtualTimeScheduler, schedule: Schedule, latency: number) {
    this.#scheduler = scheduler
    this.#latency = latency
    this.#times = schedule()
    this.#entries = this.#times.map((ms, n) => entryAt(n, ms))
  }

  /** What the whole log weighs in one answer. */
  get size(): number {
    return Buffer.byteLength(this.#window(lines))
  }

  /** The answer is made after half of the latency. */
  readonly answer: Service = (url) =>
    timer(this.#latency / 2, this.#scheduler).pipe(
      map(() => this.#respond(new URL(url))),
      mergeMap((parts) => timer(this.#latency / 2, this.#scheduler).pipe(mergeMap(() => parts))),
    )

  #respond({ pathname, searchParams }: URL): ReturnType<Service> {
    while ((this.#times[this.#written] ?? Number.POSITIVE_INFINITY) <= this.#scheduler.now()) this.#written++
    if (pathname.endsWith('/log')) return this.#log(this.#window(Number(searchParams.get('maxLogLines') ?? mostLines)))
    if (pathname.endsWith('/download')) return this.#log(`${this.#texts().join('\n')}\n`)
    if (pathname.endsWith('/tail')) return text(404, 'text/plain', '404 page not found')
    if (pathname.endsWith('/error')) return of({ status: 204, headers: [] })
    const isOver = this.#written === lines
    return text(200, 'application/json', JSON.stringify({ key: 'k', status: isOver ? 2 : 0, exit_code: 0 }))
  }

  #window(most: number): string {
    const shown = this.#entries.slice(Math.max(0, this.#written - most), this.#written)
    return `{"entries":[${shown.join()}]}`
  }

  #texts(): ReadonlyArray<string> {
    return this.#entries.slice(0, this.#written).map((entry) => (JSON.parse(entry) as { data: string }).data)
  }

  #log(content: string): ReturnType<Service> {
    this.sent += Buffer.byteLength(content)
    return text(200, 'application/json', content)
  }
}

const text = (status: number, type: string, content: string): ReturnType<Service> =>
  of({ status, headers: [['content-type', type]] } as const, { bytes: encoder.encode(content) })

/** A reader that asks for all that the server shows, once a second, and keeps what is later than the last line it has. */
function naiveReader(server: LogServer, scheduler: VirtualTimeScheduler): Observable<unknown> {
  let lastTime = ''
  const read = <A>(path: string): Observable<A> =>
    server.answer(`http://localhost:1/jobs/k${path}`).pipe(
      last(),
      map((part) => JSON.parse('bytes' in part ? Buffer.from(part.bytes).toString() : '') as A),
    )
  const added = read<{ readonly entries: ReadonlyArray<{ readonly timestamp: string }> }>('/log').pipe(
    map(({ entries }) => {
      const found = entries.filter(({ timestamp }) => timestamp > lastTime)
      lastTime = entries.at(-1)?.timestamp ?? lastTime
      return found
    }),
  )
  return read<{ readonly status: number }>('').pipe(
    mergeMap(({ status }) => added.pipe(map((found) => ({ found, isOver: status === 2 })))),
    repeat({ delay: () => timer(1_000, scheduler) }),
    takeWhile(({ isOver }) => !isOver, true),
    mergeMap(({ found }) => found),
  )
}

interface Case {
  readonly name: string
  readonly schedule: Schedule
  readonly latency: number
  readonly atMost: number
}

/** Bytes read divided by the bytes of the log. Fails where a line is missing. */
async function cost(
  { schedule, latency }: Case,
  follow: (server: LogServer, scheduler: VirtualTimeScheduler) => Observable<unknown>,
): Promise<number> {
  const scheduler = new VirtualTimeScheduler()
  const server = new LogServer(scheduler, schedule, latency)
  let [received, isOver] = [0, false]
  const following = follow(server, scheduler).forEach(() => received++)
  const ended = following.finally(() => (isOver = true))
  while (!isOver) {
    scheduler.flush()
    await setImmediate()
  }
  await ended
  if (received !== lines) throw new Error(`received ${received} of ${lines} lines`)
  return server.sent / server.size
}

const cases = [0, 300].flatMap((latency): ReadonlyArray<Case> => {
  const way = latency === 0 ? 'answers at once' : `answers after ${latency} ms`
  return [
    { name: `2 500 lines a second, ${way}`, schedule: steady(2_500), latency, atMost: 1.15 },
    { name: `250 lines a second, ${way}`, schedule: steady(250), latency, atMost: 1.15 },
    { name: `500 lines every 2 s, ${way}`, schedule: bursts(() => () => 2_000), latency, atMost: 1.4 },
    { name: `500 lines at random, ${way}`, schedule: bursts(anyPause), latency, atMost: 1.4 },
  ]
})

const figures: Array<Figure> = []
for (const one of cases) {
  const byEdition = await ofBoth(editions, ({ tail }) =>
    cost(one, (server, scheduler) => tail({ service: server.answer, scheduler, random: seeded(7) })),
  )
  figures.push({
    measure: `bytes read ÷ bytes of the log, ${one.name}`,
    mark: { atMost: one.atMost },
    values: { ...byEdition, 'naive reader': await cost(one, naiveReader) },
  })
}

report({
  title: 'Bytes read to follow a log',
  text: [
    `A log of ${lines} lines is followed while it is written, in virtual time. The server has no live connection and shows the last ${mostLines} lines at most. All lines are received, each once. Steady logs grow every 50 ms. Bursts at random come up to four seconds after each other.`,
    'The naive reader asks once a second for all that the server shows and keeps the lines that are later than the last one it has. It loses lines that have the same time, or no time; rxjobs proves by overlap that nothing is missing.',
  ],
  figures,
})
