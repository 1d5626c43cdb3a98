// Requests and lag of watching a thousand jobs of ten minutes, in virtual time.
import { VirtualTimeScheduler } from 'rxjs'
import { pooled, proportional, watchJob } from 'rxjobs'
import { report, type Row } from '../report.ts'
import { type Life, mean, mostInMinute, quantile, seeded, service } from '../simulation.ts'

const jobs = 1_000
const minute = 60_000
const latency = 100
const random = seeded(20_261_122)

// They begin within ten minutes, so that they do not all end at once.
const lives = Array.from({ length: jobs }, (): Life => {
  const begins = Math.floor(random() * 10 * minute)
  return { begins, ends: begins + 10 * minute }
})

interface Found {
  readonly name: string
  readonly requests: number
  readonly most: number
  readonly lags: ReadonlyArray<number>
}

/** Ours: the built package, in virtual time. */
function ours(name: string, budget: number | undefined, rows?: number): Found {
  const scheduler = new VirtualTimeScheduler()
  const { source, times } = service(scheduler, lives, latency, rows)
  const pool = budget === undefined ? undefined : pooled(source, { requestsPerMinute: budget, random })
  const lags: Array<number> = []
  for (const [id, { begins, ends }] of lives.entries()) {
    const watch = watchJob(pool ?? source, id, pool === undefined ? { cadence: proportional({ random }) } : {})
    scheduler.schedule(() => watch.subscribe({ complete: () => lags.push(scheduler.now() - ends) }), begins)
  }
  scheduler.flush()
  return { name, requests: times.length, most: mostInMinute(times), lags }
}

/** A poller by its schedule: `wait` gives the milliseconds after each answer. */
function theirs(name: string, wait: (attempt: number) => number): Found {
  const times: Array<number> = []
  const lags = lives.map(({ begins, ends }) => {
    let now = begins
    for (let attempt = 1; ; attempt++) {
      times.push(now)
      now += latency
      if (now >= ends) return now - ends
      now += wait(attempt)
    }
  })
  return { name, requests: times.length, most: mostInMinute(times), lags }
}

/** `exponentialBackoffWithJitter` of @smithy/util-waiter with a waiter's defaults. */
function aws(attempt: number): number {
  const [least, most] = [2_000, 120_000]
  if (attempt > Math.log2(most / least) + 1) return most
  return least + random() * (Math.min(least * 2 ** (attempt - 1), most) - least)
}

const gax = (attempt: number): number => Math.min(100 * 1.3 ** (attempt - 1), 60_000)

const found = [
  ours('rxjobs pooled, with a list', 300, jobs),
  ours('rxjobs pooled, no list', 300),
  ours('rxjobs, each by itself', undefined),
  theirs('fixed 2 s', () => 2_000),
  theirs('AWS waiter', aws),
  theirs('google-gax', gax),
]
const [pool] = found
const fixed = found.find(({ name }) => name === 'fixed 2 s')
if (pool === undefined || fixed === undefined) throw new Error('nothing was simulated')
const missed = found.filter(({ lags }) => lags.length !== jobs)
if (missed.length > 0) throw new Error(`ends not seen: ${missed.map(({ name }) => name).join(', ')}`)

const rowsOf = (
  measure: string,
  unit: string,
  value: (one: Found) => number,
  isCompared: boolean,
): ReadonlyArray<Row> =>
  found.map((one) => ({
    measure,
    subject: one.name,
    value: value(one),
    unit,
    ...(isCompared ? { ratio: value(one) / value(fixed), to: 'fixed 2 s' } : {}),
  }))

report({
  title: 'A thousand jobs of ten minutes',
  how: `Simulated in virtual time: ${jobs} jobs that begin within ten minutes of each other and run for ten, answers take ${latency} ms. Ours is the built package; peers are their schedules. Lag is from the end of a job until it is told.`,
  rows: [
    ...rowsOf('requests for a job', '', ({ requests }) => requests / jobs, true),
    ...rowsOf('mean lag', 's', ({ lags }) => mean(lags) / 1_000, true),
    ...rowsOf('lag of the slowest in a hundred', 's', ({ lags }) => quantile(lags, 0.99) / 1_000, false),
    ...rowsOf('most requests in a minute', '', ({ most }) => most, false),
  ],
  marks: [
    { what: 'most requests in a minute, pooled', bound: '≤ 300', value: pool.most, met: pool.most <= 300 },
    {
      what: 'requests, pooled with a list',
      bound: '≤ 0.05 × fixed 2 s',
      value: pool.requests / fixed.requests,
      met: pool.requests <= 0.05 * fixed.requests,
    },
  ],
  plots: [
    {
      kind: 'bars',
      title: 'Requests for a job of ten minutes',
      unit: '',
      bars: found.map(({ name, requests }) => ({ label: name, value: requests / jobs })),
    },
    {
      kind: 'bars',
      title: 'Mean lag after its end',
      unit: 's',
      bars: found.map(({ name, lags }) => ({ label: name, value: mean(lags) / 1_000 })),
    },
  ],
  notes: [
    'A list call counts as one request, however many rows it has; what it weighs is not in the figures.',
    'Ours counts two requests for the last look at each job, as both services may need. Peers are given one.',
    'Only the pools keep a budget. Where the requests in a minute of the others are above the service’s limit (300 at Genesys Cloud), they would have met refusals, which are not simulated.',
    'AWS waiter: `exponentialBackoffWithJitter` with its defaults, 2 s and 120 s. google-gax: the defaults of its long-running operations, 100 ms, × 1.3, at most 60 s. Both without their own overall timeout.',
    'Without a list the budget of 300 allows each of a thousand jobs a look every few minutes: that is the lag. It is the price of the limit, and jitter or backoff would not lower it.',
  ],
})
