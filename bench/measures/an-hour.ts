// Processor time to watch a job for an hour of virtual time, beside the same number of bare looks on the same scheduler.
import { map, type Observable, of, timer } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { type Cadence, every, type Head, type Chunk, watchJob } from 'rxjobs'
import { connect } from 'rxjobs/connect'
import { cpu, inTurns } from '../measuring.ts'
import { type Mark, report, type Row } from '../report.ts'

const hour = 3_600_000
const encoder = new TextEncoder()
const decoder = new TextDecoder()
const running = encoder.encode('{"key":"k","status":0}')
const finished = encoder.encode('{"key":"k","status":2,"exit_code":0}')

const job = (scheduler: TestScheduler): Observable<Head | Chunk> =>
  of({ status: 200, headers: [] }, { bytes: scheduler.now() < hour ? running : finished })

/** Runs an hour on a scheduler of its own; milliseconds of processor time, and how many looks there were. */
function anHour(watch: (scheduler: TestScheduler, looked: () => void) => void): { ms: number; looks: number } {
  const begun = cpu()
  let looks = 0
  const scheduler = new TestScheduler(() => undefined)
  scheduler.run(() => {
    watch(scheduler, () => looks++)
    scheduler.flush()
  })
  return { ms: cpu() - begun, looks }
}

/** A whole client: request, bounds, codec, phase, cadence. */
function watched(options: { readonly cadence?: Cadence }): { ms: number; looks: number } {
  let statuses = 0
  const found = anHour((scheduler, looked) => {
    const { jobs } = connect({
      server: 'http://localhost:1',
      apiKey: 'k',
      scheduler,
      transport: ({ url }) => {
        if (url.endsWith('/error')) return of({ status: 204, headers: [] })
        looked()
        return job(scheduler)
      },
    })
    watchJob(jobs, { guid: 'g', key: 'k' }, options).subscribe(() => statuses++)
  })
  if (statuses !== 2) throw new Error(`${statuses} statuses instead of 2`)
  return found
}

/** What cannot be done without: a timer, the answer, JSON.parse. */
function bare(ms: number): { ms: number; looks: number } {
  return anHour((scheduler, looked) => {
    const look = (): void => {
      looked()
      job(scheduler)
        .pipe(
          map((part) => ('bytes' in part ? (JSON.parse(decoder.decode(part.bytes)) as { status: number }).status : 0)),
        )
        .subscribe((status) => {
          if (status === 0) return
          isOver = true
        })
      if (!isOver) timer(ms, scheduler).subscribe(look)
    }
    let isOver = false
    look()
  })
}

const rows: Array<Row> = []
const marks: Array<Mark> = []
for (const [name, cadence, pace] of [
  // As often as the default cadence looks at an old job: 5 % of its age, from 0.5 s to 15 s, with jitter.
  ['default cadence', {}, 8_000],
  ['every second', { cadence: every(1_000) }, 1_000],
] as const) {
  const first = watched(cadence)
  const found = await inTurns(
    [
      ['timer and JSON.parse', () => bare(pace).ms],
      ['rxjobs', () => watched(cadence).ms],
    ],
    { rounds: 21 },
  )
  rows.push({ measure: `${name}, first run`, subject: 'rxjobs', value: first.ms, unit: 'ms' })
  for (const { subject, value, ratio } of found) {
    rows.push({ measure: `${name}, warm`, subject, value, unit: 'ms', ratio, to: 'timer and JSON.parse' })
    if (subject === 'rxjobs') marks.push({ what: `${name}, warm, ms`, bound: '≤ 100 ms', value, met: value <= 100 })
  }
  rows.push({ measure: `${name}, looks`, subject: 'timer and JSON.parse', value: bare(pace).looks, unit: '' })
  rows.push({ measure: `${name}, looks`, subject: 'rxjobs', value: first.looks, unit: '' })
}

report({
  title: 'An hour of polling in virtual time',
  how: 'A job that ends after an hour is watched under TestScheduler through a whole client (request, bounds, codec, phase, cadence) over a transport in the process.',
  rows,
  marks,
  plots: [],
  notes: [
    'What a test of an app pays to let an hour pass. No socket is in it.',
    'The first run of all compiles everything; a test file pays it once.',
  ],
})
