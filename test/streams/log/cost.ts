// What it costs to poll a log to its end, in virtual time: lines read ÷ lines of the log. npx tsx test/streams/log/cost.ts
import { map, type Observable, ReplaySubject, timer, VirtualTimeScheduler } from 'rxjs'
import type { LogEntry } from '../../../src/streams/types.ts'
import { virtualTail } from './virtual-tail.ts'

/** How a log is written. */
export interface CostCase {
  /** Lines each time, and milliseconds between two times; at random: up to twice as many. */
  readonly lines: number
  readonly every: number
  readonly isAtRandom?: boolean
  /** Milliseconds that an answer takes. */
  readonly latency: number
  /** Whether all lines of one time have the same timestamp. */
  readonly isAtOnce?: boolean
  readonly keeps?: 'first' | 'last'
  readonly seed?: number
  readonly total?: number
}

/** What it came to. */
export interface Cost {
  readonly ratio: number
  readonly requests: number
  readonly lines: number
  readonly gaps: number
}

const defaultTotal = 50_000

/** Polls a log of 50 000 lines to its end. */
export function costOf({
  lines,
  every,
  isAtRandom = false,
  latency,
  isAtOnce = false,
  keeps = 'last',
  seed = 1,
  total = defaultTotal,
}: CostCase): Cost {
  const scheduler = new VirtualTimeScheduler(undefined, 1e9)
  let state = seed
  const random = (): number => {
    state = (state * 16_807) % 2_147_483_647
    return state / 2_147_483_647
  }
  const log: Array<LogEntry> = []
  const over = new ReplaySubject<void>(1)
  const write = (): void => {
    for (let n = 0; n < lines && log.length < total; n++) {
      const at = scheduler.now() + (isAtOnce ? 0 : n / 1_000)
      const fraction = String(Math.round((at % 1_000) * 1_000)).padStart(6, '0')
      const timestamp = `${new Date(1.8e12 + at).toISOString().slice(0, 19)}.${fraction}Z`
      log.push({ source: 'stdout', timestamp, data: `line ${log.length}` })
    }
    if (log.length < total) scheduler.schedule(write, isAtRandom ? Math.round(2 * every * random()) : every)
    else over.next()
  }
  let [read, requests, received, gaps] = [0, 0, 0, 0]
  const answer = (_ref: string, maxLines: number): Observable<ReadonlyArray<LogEntry>> =>
    timer(latency, scheduler).pipe(
      map(() => {
        const most = Math.min(5_000, maxLines)
        const window = keeps === 'first' ? log.slice(0, most) : log.slice(-most)
        read += window.length
        requests++
        return window
      }),
    )
  scheduler.schedule(write, 100)
  virtualTail({
    scheduler,
    random,
    jobEnd: over,
    log: { read: answer },
  }).subscribe((elements) => {
    for (const { _tag } of elements) {
      if (_tag === 'Line') received++
      else gaps++
    }
  })
  scheduler.flush()
  return { ratio: read / total, requests, lines: received, gaps }
}

/** Steady paces and bursts, with answers that take no time, and some. */
export const cases: ReadonlyArray<readonly [string, Omit<CostCase, 'latency'>]> = [
  ['100 lines/s', { lines: 1, every: 10 }],
  ['500 lines/s', { lines: 5, every: 10 }],
  ['2500 lines/s', { lines: 125, every: 50 }],
  ['2500 lines/s, one time for each 125', { lines: 125, every: 50, isAtOnce: true }],
  ['bursts of 500 every 0.2 s', { lines: 500, every: 200 }],
  ['bursts of 500 every 0.5 s', { lines: 500, every: 500 }],
  ['bursts of 500 every 1 s', { lines: 500, every: 1_000 }],
  ['bursts of 500 every 2 s', { lines: 500, every: 2_000 }],
  ['bursts of 500 every 3 s, at once', { lines: 500, every: 3_000, isAtOnce: true }],
  ['bursts of 500 every 10 s', { lines: 500, every: 10_000 }],
  ['bursts of 500 at random', { lines: 500, every: 2_000, isAtRandom: true }],
]

if (process.argv[1]?.endsWith('cost.ts') === true) {
  for (const [name, made] of cases) {
    const found = [0, 50, 300].map((latency) => costOf({ ...made, latency, seed: Number(process.argv[2] ?? 1) }))
    console.log(
      name.padEnd(38),
      found
        .map(
          ({ ratio, requests, lines, gaps }) =>
            `${ratio.toFixed(3)} (${requests}${lines === defaultTotal ? '' : `, ${lines} lines`}${gaps ? `, ${gaps} gaps` : ''})`,
        )
        .join('  '),
    )
  }
}
