// Five thousand watches on a budget of 300 requests a minute, in virtual time.
import { VirtualTimeScheduler } from 'rxjs'
import { pooled, watchJob } from 'rxjobs'
import { report, type Row } from '../report.ts'
import { type Life, mean, mostInMinute, quantile, seeded, service } from '../simulation.ts'

const watches = 5_000
const budget = 300
const minute = 60_000
const latency = 150

interface Found {
  readonly name: string
  readonly requests: number
  readonly most: number
  readonly seen: number
  readonly lags: ReadonlyArray<number>
}

/** Jobs that all run already and end between ten minutes and two hours from now. */
function run(name: string, rows?: number): Found {
  const random = seeded(5_000)
  const lives = Array.from({ length: watches }, (): Life => ({ begins: 0, ends: (10 + random() * 110) * minute }))
  const scheduler = new VirtualTimeScheduler()
  const { source, times } = service(scheduler, lives, latency, rows)
  const pool = pooled(source, { requestsPerMinute: budget, random })
  const lags: Array<number> = []
  let seen = 0
  for (const [id, { ends }] of lives.entries()) {
    watchJob(pool, id).subscribe({
      next: ({ phase }) => {
        if (phase === 'succeeded') seen++
      },
      complete: () => lags.push(scheduler.now() - ends),
    })
  }
  scheduler.flush()
  return { name, requests: times.length, most: mostInMinute(times), seen, lags }
}

const found = [run('list of all', watches), run('list of 1000 rows', 1_000), run('no list')]
const most = Math.max(...found.map((one) => one.most))
const ends = Math.min(...found.map(({ seen }) => seen))

const rowsOf = (measure: string, unit: string, value: (one: Found) => number): ReadonlyArray<Row> =>
  found.map((one) => ({ measure, subject: one.name, value: value(one), unit }))
const parts = [0.01, 0.05, ...Array.from({ length: 17 }, (_, at) => (at + 2) / 20), 0.95, 0.99, 0.999]

report({
  title: 'Five thousand watches, 300 requests a minute',
  how: `Simulated in virtual time with the built package: ${watches} jobs that run already and end within ten minutes to two hours, watched through one pool; answers take ${latency} ms, the last look at a job two requests.`,
  rows: [
    ...rowsOf('most requests in any minute', '', (one) => one.most),
    ...rowsOf('ends seen', '', ({ seen }) => seen),
    ...rowsOf('requests', '', ({ requests }) => requests),
    ...rowsOf('mean lag', 's', ({ lags }) => mean(lags) / 1_000),
    ...rowsOf('median lag', 's', ({ lags }) => quantile(lags, 0.5) / 1_000),
    ...rowsOf('lag of the slowest in a hundred', 's', ({ lags }) => quantile(lags, 0.99) / 1_000),
    ...rowsOf('longest lag', 's', ({ lags }) => Math.max(...lags) / 1_000),
  ],
  marks: [
    { what: 'most requests in any minute, wherever it begins', bound: '≤ 300', value: most, met: most <= budget },
    { what: 'ends seen', bound: String(watches), value: ends, met: ends === watches },
  ],
  plots: [
    {
      kind: 'lines',
      title: 'How many ends are told within which lag',
      x: 'lag in seconds',
      y: 'per cent of the ends',
      series: found.map(({ name, lags }) => ({
        label: name,
        points: parts.map((part) => [quantile(lags, part) / 1_000, part * 100] as const),
      })),
    },
  ],
  notes: [
    'A list of all shows every job that runs in one call; one of 1000 rows stands for a service that gives no more; the rest is looked at one by one.',
    'Without a list each of the jobs that still run gets a look every (jobs ÷ 300) minutes at best. The mean lag is half of that, whoever polls.',
    'The service neither fails nor refuses here; that budget and ends hold when it does is a property in `test/streams/pool`.',
    'What a list of thousands of rows weighs, and what the service thinks of it, is not in the figures.',
  ],
})
