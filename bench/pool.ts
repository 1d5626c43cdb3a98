// Five thousand watches on a budget of 300 requests a minute, in virtual time.
import { defer, map, type Observable, timer, VirtualTimeScheduler } from 'rxjs'
import { type Edition, editions, type Jobs, type Row } from './editions.ts'
import { type Figure, mean, ofBoth, report, seeded } from './measure.ts'

const watches = 5_000
const requestsPerMinute = 300
const minute = 60_000
const latency = 150

/** How many rows the service's list has: none without a list. */
type Rows = number | undefined

interface Found {
  readonly meanLag: number
  readonly longestLag: number
  readonly mostInMinute: number
}

/** The most requests in any minute, wherever it begins. */
function mostInMinute(times: ReadonlyArray<number>): number {
  let from = 0
  return times.reduce((most, time, index) => {
    while ((times[from] ?? time) <= time - minute) from++
    return Math.max(most, index - from + 1)
  }, 0)
}

/** All jobs run already and end between ten minutes and two hours from now. */
function endsOf(random: () => number): ReadonlyMap<string, number> {
  return new Map(Array.from({ length: watches }, (_, n) => [String(n), (10 + random() * 110) * minute]))
}

/** One read after another, evenly spaced over the whole budget: no order is better where nothing is known of the ends. */
function inTurn(): Found {
  const lags: Array<number> = []
  let now = 0
  let running = [...endsOf(seeded(5_000)).values()]
  while (running.length > 0) {
    running = running.filter((end) => {
      now += minute / requestsPerMinute
      if (end <= now) lags.push(now + latency - end)
      return end > now
    })
  }
  return { meanLag: mean(lags), longestLag: Math.max(...lags), mostInMinute: requestsPerMinute }
}

function run({ pool }: Edition, rows: Rows): Found {
  const random = seeded(5_000)
  const ends = endsOf(random)
  const scheduler = new VirtualTimeScheduler()
  const times: Array<number> = []
  const row = (ref: string): Row => {
    const phase = (ends.get(ref) ?? 0) <= scheduler.now() ? 'succeeded' : 'running'
    return { ref, phase, job: { phase } }
  }
  const answer = <A>(make: () => A): Observable<A> =>
    defer(() => {
      times.push(scheduler.now())
      return timer(latency, scheduler).pipe(map(make))
    })
  const list: Jobs['list'] = (ids) =>
    answer(() =>
      ids
        .map(row)
        .filter(({ phase }) => phase === 'running')
        .slice(0, rows),
    )
  const jobs: Jobs = { status: (id) => answer(() => row(id)), ...(rows === undefined ? {} : { list }), scheduler }

  const watch = pool(jobs, { requestsPerMinute, random })
  const lags: Array<number> = []
  for (const [id, end] of ends) watch(id).subscribe({ complete: () => lags.push(scheduler.now() - end) })
  scheduler.flush()
  if (lags.length !== watches) throw new Error(`${lags.length} of ${watches} ends were seen`)
  return { meanLag: mean(lags), longestLag: Math.max(...lags), mostInMinute: mostInMinute(times) }
}

const figures: Array<Figure> = []
for (const [name, rows] of [
  ['a list of all', watches],
  ['a list of 1000 rows', 1_000],
  ['no list', undefined],
] as const) {
  const ofEditions = await ofBoth(editions, (edition) => run(edition, rows))
  const found = rows === undefined ? { ...ofEditions, 'strictly in turn': inTurn() } : ofEditions
  const values = (value: (one: Found) => number): Figure['values'] =>
    Object.fromEntries(Object.entries(found).map(([edition, one]) => [edition, value(one)]))
  const base = ofEditions[editions[0].name]?.meanLag ?? Number.NaN
  figures.push(
    {
      measure: `mean lag of 5 000 watches ÷ the first edition’s, ${name}`,
      mark: { atMost: 0.5 },
      values: values(({ meanLag }) => meanLag / base),
    },
    { measure: `mean lag, ${name}`, unit: 's', values: values(({ meanLag }) => meanLag / 1_000) },
    { measure: `longest lag, ${name}`, unit: 's', values: values(({ longestLag }) => longestLag / 1_000) },
    {
      measure: `most requests in any minute, ${name}`,
      mark: { atMost: requestsPerMinute },
      values: values((one) => one.mostInMinute),
    },
  )
}

report({
  title: 'Five thousand watches, 300 requests a minute',
  text: [
    `Simulated in virtual time: ${watches} jobs that run already and end within ten minutes to two hours, watched through one pool of ${requestsPerMinute} requests a minute. Answers take ${latency} ms; every read and every list is one request. Lag is the time from a job’s end until its watch completes.`,
    `The list shows only jobs that run. A list of 1000 rows stands for a service that shows no more; the other jobs are read one by one. Without a list nothing is better than reading all jobs that still run strictly in turn: each is read every (jobs ÷ ${requestsPerMinute}) minutes, and the mean lag is half of that.`,
  ],
  figures,
})
