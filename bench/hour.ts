// An hour of polling in virtual time, at the default cadence and every second, through a whole client: requests, codecs,
// streams. Prints the processor time of the first run and the median of the next ones: npx tsx bench/hour.ts
import { of } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { type Cadence, every, watchJob } from 'rxjobs'
import { connect } from 'rxjobs/connect'

const hour = 3_600_000
const runs = 21
const encoder = new TextEncoder()

/** Processor time of this process, in milliseconds. */
function spent(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** One hour of a job that ends with it; how many times it was looked at. */
function anHour(cadence: Cadence | undefined): number {
  const scheduler = new TestScheduler(() => undefined)
  let looks = 0
  let statuses = 0
  scheduler.run(() => {
    const { jobs } = connect({
      server: 'http://localhost:1',
      apiKey: 'k',
      scheduler,
      transport: ({ url }) => {
        if (url.endsWith('/error')) return of({ status: 204, headers: [] })
        looks++
        const over = scheduler.now() >= hour
        const job = over ? { key: 'k', status: 2, exit_code: 0 } : { key: 'k', status: 0 }
        return of({ status: 200, headers: [] }, { bytes: encoder.encode(JSON.stringify(job)) })
      },
    })
    const options = cadence === undefined ? {} : { cadence }
    watchJob(jobs, { guid: 'g', key: 'k' }, options).subscribe(() => statuses++)
    scheduler.flush()
  })
  if (statuses !== 2) throw new Error(`${statuses} statuses instead of 2`)
  return looks
}

for (const [name, cadence] of [
  ['every second', every(1_000)],
  ['default cadence', undefined],
] as const) {
  const times: Array<number> = []
  let looks = 0
  for (let run = 0; run < runs; run++) {
    const begun = spent()
    looks = anHour(cadence)
    times.push(spent() - begun)
  }
  const [first = Number.NaN, ...next] = times
  const median = next.sort((a, b) => a - b)[Math.floor(next.length / 2)] ?? Number.NaN
  console.log(
    `an hour, ${name}: ${looks} looks, ${first.toFixed(0)} ms in the first run, ${median.toFixed(0)} ms in the next ones`,
  )
}
