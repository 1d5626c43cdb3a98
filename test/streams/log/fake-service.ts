import { none, some } from 'fp-ts/lib/Option.js'
import {
  concat,
  defer,
  EMPTY,
  from,
  map,
  mergeMap,
  NEVER,
  Observable,
  of,
  throwError,
  timer,
  type VirtualTimeScheduler,
} from 'rxjs'
import {
  type ApiError,
  DecodeError,
  HttpError,
  type JobLog,
  type LogEntry,
  type LoggedJobSource,
  NetworkError,
} from 'rxjobs'
import type { Fate, LiveFate, Scenario } from './scenario.ts'

/** How often each thing that can go wrong was really met. */
export type Met = Map<string, number>

interface Job {
  readonly state: 'running' | 'done'
}

interface Written extends LogEntry {
  /** When the line is there, by the virtual clock. */
  readonly at: number
}

/** Milliseconds by which a stale answer is older than others. */
const stale = 500

const asked = { method: 'GET', path: '/fake' }
const errors: {
  readonly [fate in Exclude<
    Fate | LiveFate,
    'ok' | 'slow' | 'stale' | 'short' | 'open' | 'cut' | 'close' | 'mute'
  >]: () => ApiError
} = {
  503: () => new HttpError({ ...asked, status: 503 }),
  429: () => new HttpError({ ...asked, status: 429, retryAfter: 700 }),
  reset: () => new NetworkError({ ...asked, cause: 'reset' }),
  404: () => new HttpError({ ...asked, status: 404 }),
  405: () => new HttpError({ ...asked, status: 405 }),
  html: () => new DecodeError({ ...asked, issues: [] }),
}

/** By how much a scenario's server is wrong about the time of a line, in milliseconds. */
function offBy({ stamps, lines }: Scenario, index: number): number {
  if (stamps === 'set-back') return index >= lines.length / 2 ? 3_600_000 : 0
  if (index % 7 !== 3) return 0
  return { backwards: 40, 'seconds-backwards': 2_000 }[stamps as string] ?? 0
}

/** The time of a line as the scenario's server writes it. */
function stamp(scenario: Scenario, at: number, index: number): string {
  const { stamps } = scenario
  if (stamps === 'missing' || (stamps === 'some-missing' && index % 3 === 1)) return ''
  const shown = at - offBy(scenario, index)
  const [seconds, fraction] = new Date(1_800_000_000_000 + shown).toISOString().split('.')
  if (stamps === 'seconds' || stamps === 'seconds-backwards') return `${seconds ?? ''}Z`
  // As Go writes it: nanoseconds, without zeros at the end. Lines of one burst share a time now and then.
  const digits = `${(fraction ?? '').slice(0, 3)}${String(Math.floor(index / 3) % 1_000).padStart(3, '0')}`.replace(
    /0+$/,
    '',
  )
  return digits === '' ? `${seconds ?? ''}Z` : `${seconds ?? ''}.${digits}Z`
}

/** The longest line that is taken. A download is cut just beyond. */
export const longest = 4_400
const tooLong = 'x'.repeat(5_000)

/** The whole log with the times at which its lines are written. */
export function written(scenario: Scenario): ReadonlyArray<Written> {
  let at = scenario.head === 100_000 ? -100_000 : scenario.head
  return scenario.lines.map(({ after, source, text }, index) => {
    at += after
    // docs/tail.md: no line comes again with the same time and text after an earlier time, beyond the window.
    const distinct = scenario.distinct || scenario.stamps === 'seconds-backwards'
    const data = `${distinct ? `${index} ` : ''}${text}${scenario.long === index ? tooLong : ''}`
    return { source, at, timestamp: stamp(scenario, at, index), data }
  })
}

/** A service in virtual time that does what the scenario says. */
export function fakeService(
  scenario: Scenario,
  scheduler: VirtualTimeScheduler,
  met: Met,
): LoggedJobSource<string, Job, never> {
  const log = written(scenario)
  const { latency, widest } = scenario
  const end = (log[log.length - 1]?.at ?? 0) + scenario.endsAfter
  const bare = ({ source, timestamp, data }: Written): LogEntry => ({ source, timestamp, data })
  const now = (): number => log.filter((line) => line.at <= scheduler.now()).length
  const meet = (what: string): void => void met.set(what, (met.get(what) ?? 0) + 1)

  /** How many lines an answer shows. Once the job is over, all of them. */
  function shown(kind: string, fate: Fate, floor: number): number {
    const [all, lag] = [now(), scenario.lag + (fate === 'stale' ? stale : 0)]
    // docs/tail.md: windows do not lag where a gap may hide that the clock was set back.
    if (scheduler.now() >= end || (kind === 'window' && scenario.stamps === 'set-back')) return all
    const lagging = Math.max(floor, log.filter((line) => line.at <= scheduler.now() - lag).length)
    if (lagging < all) meet(`${kind} ${fate === 'stale' ? 'stale' : 'lagging'}`)
    return lagging
  }

  /** Answers after the latency, or as fate will have it. */
  function answering<A>(
    kind: string,
    fates: ReadonlyArray<Fate>,
  ): (answer: (fate: Fate) => Observable<A>) => Observable<A> {
    let asks = 0
    return (answer) =>
      defer(() => {
        if (asks > 20_000) throw new Error(`${kind}: too many requests`)
        const fate = fates[asks++] ?? 'ok'
        const answers = fate === 'ok' || fate === 'slow' || fate === 'stale' || fate === 'short'
        if (!answers || fate === 'slow') meet(`${kind} ${fate}`)
        const wait = timer(fate === 'slow' ? 5_000 : latency, scheduler)
        return wait.pipe(mergeMap(() => (answers ? answer(fate) : throwError(errors[fate]))))
      })
  }

  let connects = 0
  const live = (): Observable<ReadonlyArray<LogEntry>> =>
    defer(() => {
      const { fate, after } = scenario.liveFates[connects++] ?? { fate: 'open', after: 0 }
      if (fate !== 'open') meet(`live ${fate}`)
      if (fate === '404' || fate === '405' || fate === 'html' || fate === 'reset') {
        return timer(latency, scheduler).pipe(mergeMap(() => throwError(errors[fate])))
      }
      return timer(latency, scheduler).pipe(mergeMap(() => connection(fate, after)))
    })

  function connection(fate: 'open' | 'cut' | 'close' | 'mute', after: number): Observable<ReadonlyArray<LogEntry>> {
    const opened = now()
    const replayed = { none: opened, all: 0, some: Math.max(0, opened - 5), new: opened }[scenario.live]
    const replay = log.slice(replayed, opened).map(bare)
    const rest = log
      .slice(opened)
      .map((line) => timer(line.at - scheduler.now(), scheduler).pipe(map(() => [bare(line)])))
    const closes = Math.max(0, end - scheduler.now())
    const lines = new Observable<ReadonlyArray<LogEntry>>((subscriber) => {
      for (const line of rest) subscriber.add(line.subscribe((entries) => subscriber.next(entries)))
      const over = fate === 'open' || fate === 'mute' ? closes : Math.min(after, closes)
      subscriber.add(
        scheduler.schedule(
          () => (fate === 'cut' && after <= closes ? subscriber.error(errors.reset()) : subscriber.complete()),
          over,
        ),
      )
    })
    if (fate === 'mute') return concat(of([]), NEVER)
    return concat(of([]), replay.length === 0 ? EMPTY : of(replay), lines)
  }

  const window = answering<ReadonlyArray<LogEntry>>('window', scenario.windowFates)
  const full = answering<string>('full', scenario.fullFates)
  const status = answering<Job>('status', scenario.statusFates)
  // A window that is narrower than the one before is no older: docs/tail.md says why that matters.
  let before = { lines: 0, shown: 0 }
  function windowOf(lines: number, fate: Fate): ReadonlyArray<LogEntry> {
    const there = shown('window', fate, lines < before.lines ? before.shown : 0)
    before = { lines, shown: there }
    const most = Math.min(lines, widest)
    return log
      .slice(scenario.keeps === 'last' ? Math.max(0, there - most) : 0, there)
      .slice(0, most)
      .map(bare)
  }
  function download(fate: Fate): ReadonlyArray<string> {
    const texts = log.slice(0, shown('full', fate, 0)).map(({ data }) => data.slice(0, longest + 1))
    if (fate !== 'short' || scheduler.now() >= end || texts.length < 2) return texts
    meet('full short')
    const half = Math.ceil(texts.length / 2)
    return [...texts.slice(0, half), (texts[half] ?? '').slice(0, 1)]
  }
  const jobLog: JobLog<string> = {
    widest,
    window: (_ref, lines) => window((fate) => of(windowOf(lines, fate))),
    ...(scenario.live === 'none' ? {} : { live }),
    ...(scenario.download ? { full: () => full((fate) => from(download(fate))) } : {}),
  }
  return {
    scheduler,
    refOf: some,
    keyOf: (ref) => ref,
    failure: () => of(none),
    status: (ref) =>
      status(() => of<Job>({ state: scheduler.now() >= end ? 'done' : 'running' })).pipe(
        map((job) => ({ ref, job, phase: job.state === 'done' ? 'succeeded' : 'running' })),
      ),
    log: jobLog,
  }
}
