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
import { DecodeError, HttpError, NetworkError } from '../../../src/core/index.ts'
import type { ApiError } from '../../../src/streams/errors.ts'
import type { JobLog, LogEntry } from '../../../src/streams/types.ts'
import type { Fate, LiveFate, Scenario } from './scenario.ts'

/** How often each thing that can go wrong was really met. */
export type Met = Map<string, number>

/** A line and when it is there, by the virtual clock. */
export interface Written extends LogEntry {
  readonly at: number
}

/** Milliseconds by which a stale answer is older than others. */
export const stale = 500

const request = { method: 'GET', path: '/fake' }
const errors: {
  readonly [fate in Exclude<
    Fate | LiveFate,
    'ok' | 'slow' | 'stale' | 'short' | 'open' | 'cut' | 'close' | 'mute'
  >]: () => ApiError
} = {
  503: () => new HttpError({ ...request, status: 503 }),
  429: () => new HttpError({ ...request, status: 429, retryAfter: 700 }),
  reset: () => new NetworkError({ ...request, cause: 'reset' }),
  404: () => new HttpError({ ...request, status: 404 }),
  405: () => new HttpError({ ...request, status: 405 }),
  html: () => new DecodeError({ ...request, issues: [] }),
  odd: () => new DecodeError({ ...request, issues: [] }),
}

/** By how much a scenario's server is wrong about the time of a line, in milliseconds. */
function offBy({ stamps, lines }: Scenario, index: number): number {
  if (stamps === 'set-back') return index >= lines.length / 2 ? 3_600_000 : 0
  if (index % 7 !== 3) return 0
  return { backwards: 40, 'seconds-backwards': 2_000 }[stamps as string] ?? 0
}

/** The moment of virtual time 0. */
export const epoch = 1_800_000_000_000

/** The time of a line as the scenario's server writes it. */
function stamp(scenario: Scenario, at: number, index: number): string {
  const { stamps } = scenario
  if (stamps === 'missing' || (stamps === 'some-missing' && index % 3 === 1)) return ''
  const shown = at - offBy(scenario, index)
  const [seconds, fraction] = new Date(epoch + shown).toISOString().split('.')
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
const cut = 4_096
const wide = 'y'.repeat(4_200)

/** The download's text of a line. */
const renderings: { readonly [rendering in Scenario['rendering']]: (line: Written) => string } = {
  plain: ({ data }) => data,
  // A line without a time is not told from others where all that is compared are such lines: it has one here.
  dated: ({ timestamp, data }) => {
    const [date = '', clock = ''] = timestamp.slice(0, -1).split('T')
    const [seconds = '', fraction = ''] = clock.split('.')
    return `${date.replaceAll('-', '/')} ${seconds}.${fraction.padEnd(9, '0')} ${data}`
  },
  rfc3339: ({ timestamp, data }) => `${timestamp} ${data}`,
  trimmed: ({ data }) => data.trimEnd(),
  colourless: ({ data }) => data.replace(/\x1b\[\d*m/g, ''),
  crlf: ({ data }) => data,
}

/** The whole log with the times at which its lines are written. */
function written(scenario: Scenario): ReadonlyArray<Written> {
  const { burst } = scenario
  let at = scenario.head === 100_000 ? -100_000 : scenario.head
  const lines = [...scenario.lines]
  if (burst !== undefined) {
    // Lines that repeat, and runs of lines that do not.
    const text = (n: number): string => String((Math.imul(n + 1, 0x9e3779b1) >>> 8) % 20)
    const more = Array.from({ length: burst.lines }, (_, n) => ({ after: 0, source: 'stdout' as const, text: text(n) }))
    lines.splice(burst.at, 0, ...more)
  }
  return lines.map(({ after, source, text }, index) => {
    at += after
    // docs/tail.md: no line comes again with the same time and text after an earlier time, beyond the window.
    const distinct = scenario.distinct || scenario.stamps === 'seconds-backwards'
    const plain = `${distinct ? `${index} ` : ''}${text}`
    const decorations: Partial<Record<Scenario['rendering'], string>> = {
      trimmed: `${plain} \t `,
      colourless: `\x1b[31m${plain}\x1b[0m`,
      crlf: `${plain}\r`,
    }
    const shown = decorations[scenario.rendering] ?? plain
    const isWide = scenario.cuts !== undefined && index % 5 === 4
    const data = `${shown}${scenario.long === index ? tooLong : isWide ? wide : ''}`
    return { source, at, timestamp: stamp(scenario, at, index), data }
  })
}

/** A job's log in virtual time that does what the scenario says, and when the job is over. */
export class FakeService {
  readonly log: JobLog<string>
  readonly written: ReadonlyArray<Written>
  /** When the job is over. */
  readonly end: number
  /** When each request of the log was answered well. */
  readonly answeredAt: Array<number> = []
  readonly #scenario: Scenario
  readonly #scheduler: VirtualTimeScheduler
  readonly #met: Met
  #connects = 0
  /** Odd answers since a valid one. */
  #odd = 0
  // A window that is narrower than the one before is no older: docs/tail.md says why that matters.
  #before = { lines: 0, shown: 0 }

  constructor(scenario: Scenario, scheduler: VirtualTimeScheduler, met: Met) {
    this.#scenario = scenario
    this.#scheduler = scheduler
    this.#met = met
    this.written = written(scenario)
    if (scenario.stamps !== 'exact') this.#meet(`times ${scenario.stamps}`)
    this.end = (this.written[this.written.length - 1]?.at ?? 0) + scenario.endsAfter
    const read = this.#answering<ReadonlyArray<LogEntry>>('window', scenario.windowFates)
    const full = this.#answering<ReadonlyArray<string>>('full', scenario.fullFates)
    const after = this.#answering<{ entries: ReadonlyArray<LogEntry>; nextOffset: number }>(
      'after',
      scenario.windowFates,
    )
    this.log = {
      maxLines: scenario.widest,
      read: (_ref, lines) => read((fate) => of(this.#window(lines, fate))),
      ...(scenario.live === 'none' ? {} : { stream: () => this.#live() }),
      ...(scenario.download ? { download: () => full((fate) => from(this.#download(fate))) } : {}),
      ...(scenario.isCounted ? { after: (_ref, offset) => after(() => of(this.#page(offset))) } : {}),
    }
  }

  /** How many lines were written by a moment of virtual time. */
  count(at: number): number {
    return this.written.filter((line) => line.at <= at).length
  }

  #meet(what: string): void {
    this.#met.set(what, (this.#met.get(what) ?? 0) + 1)
  }

  /** How many lines an answer shows. Once the job is over, all of them. */
  #shown(kind: string, fate: Fate, floor: number): number {
    const now = this.#scheduler.now()
    const [all, lag] = [this.count(now), this.#scenario.lag + (fate === 'stale' ? stale : 0)]
    // docs/tail.md: windows do not lag where a gap may hide that the clock was set back.
    if (now >= this.end || (kind === 'window' && this.#scenario.stamps === 'set-back')) return all
    const lagging = Math.max(floor, this.count(now - lag))
    if (lagging < all) this.#meet(`${kind} ${fate === 'stale' ? 'stale' : 'lagging'}`)
    return lagging
  }

  /** Answers after the latency, or as fate will have it. */
  #answering<A>(kind: string, fates: ReadonlyArray<Fate>): (answer: (fate: Fate) => Observable<A>) => Observable<A> {
    let asks = 0
    return (answer) =>
      defer(() => {
        if (asks > 20_000) throw new Error(`${kind}: too many requests`)
        const drawn = fates[asks++] ?? 'ok'
        // One before a stream's first valid answer, or three without a valid one between, end it.
        const mayBeOdd = this.answeredAt.length > 0 && this.#scenario.resumeAt === undefined && this.#odd < 2
        const fate = drawn === 'odd' && !mayBeOdd ? 'ok' : drawn
        if (fate === 'odd') this.#odd++
        const answers = fate === 'ok' || fate === 'slow' || fate === 'stale' || fate === 'short'
        if (!answers || fate === 'slow') this.#meet(`${kind} ${fate}`)
        const wait = timer(fate === 'slow' ? 5_000 : this.#scenario.latency, this.#scheduler)
        return wait.pipe(
          mergeMap(() => {
            if (!answers) return throwError(errors[fate])
            this.#odd = 0
            this.answeredAt.push(this.#scheduler.now())
            return answer(fate)
          }),
        )
      })
  }

  #live(): Observable<ReadonlyArray<LogEntry>> {
    const { liveFates, latency } = this.#scenario
    return defer(() => {
      const { fate, after } = liveFates[this.#connects++] ?? { fate: 'open', after: 0 }
      if (fate !== 'open') this.#meet(`live ${fate}`)
      const opened = timer(latency, this.#scheduler)
      return fate === '404' || fate === '405' || fate === 'html' || fate === 'reset'
        ? opened.pipe(mergeMap(() => throwError(errors[fate])))
        : opened.pipe(mergeMap(() => this.#connection(fate, after)))
    })
  }

  #connection(fate: 'open' | 'cut' | 'close' | 'mute', after: number): Observable<ReadonlyArray<LogEntry>> {
    const { live, headWithheld, cuts } = this.#scenario
    const scheduler = this.#scheduler
    const opened = this.count(scheduler.now())
    const replayed = { none: opened, all: 0, some: Math.max(0, opened - 5), new: opened }[live]
    const written = this.written.map(cutFor(cuts === 'live'))
    const replay = written.slice(replayed, opened).map(bare)
    const rest = written
      .slice(opened)
      .map((line) => timer(line.at - scheduler.now(), scheduler).pipe(map(() => [bare(line)])))
    const closes = Math.max(0, this.end - scheduler.now())
    const lines = new Observable<ReadonlyArray<LogEntry>>((subscriber) => {
      for (const line of rest) subscriber.add(line.subscribe((entries) => subscriber.next(entries)))
      const over = fate === 'open' || fate === 'mute' ? closes : Math.min(after, closes)
      const isCut = fate === 'cut' && after <= closes
      subscriber.add(scheduler.schedule(() => (isCut ? subscriber.error(errors.reset()) : subscriber.complete()), over))
    })
    const head = headWithheld ? EMPTY : of([])
    if (headWithheld) this.#meet('live head withheld')
    if (cuts) this.#meet(`${cuts} cut at ${cut}`)
    if (fate === 'mute') return concat(head, NEVER)
    return concat(head, replay.length === 0 ? EMPTY : of(replay), lines)
  }

  #window(lines: number, fate: Fate): ReadonlyArray<LogEntry> {
    const { widest, keeps } = this.#scenario
    const there = this.#shown('window', fate, lines < this.#before.lines ? this.#before.shown : 0)
    this.#before = { lines, shown: there }
    const most = Math.min(lines, widest)
    return this.written
      .slice(keeps === 'last' ? Math.max(0, there - most) : 0, there)
      .slice(0, most)
      .map(cutFor(this.#scenario.cuts === 'window'))
      .map(bare)
  }

  #page(offset: number): { entries: ReadonlyArray<LogEntry>; nextOffset: number } {
    const entries = this.written.slice(offset, Math.min(offset + 25, this.count(this.#scheduler.now()))).map(bare)
    return { entries, nextOffset: offset + entries.length }
  }

  /** The download in batches of 7 lines. */
  #download(fate: Fate): ReadonlyArray<ReadonlyArray<string>> {
    const { rendering, cuts } = this.#scenario
    const shown = this.written.slice(0, this.#shown('full', fate, 0)).map(cutFor(cuts === 'full'))
    if (rendering !== 'plain') this.#meet(`full ${rendering}`)
    let texts = shown.map((line) =>
      renderings[rendering](
        line.timestamp === '' ? { ...line, timestamp: new Date(epoch + line.at).toISOString() } : line,
      ),
    )
    if (fate === 'short' && this.#scheduler.now() < this.end && texts.length >= 2) {
      this.#meet('full short')
      const half = Math.ceil(texts.length / 2)
      texts = [...texts.slice(0, half), (texts[half] ?? '').slice(0, 1)]
    }
    return Array.from({ length: Math.ceil(texts.length / 7) }, (_, at) => texts.slice(at * 7, at * 7 + 7))
  }
}

/** Cuts lines as the services do, beside lines that are too long to be taken. */
const cutFor =
  (cuts: boolean) =>
  (line: Written): Written =>
    cuts && line.data.length <= longest ? { ...line, data: line.data.slice(0, cut) } : line

const bare = ({ source, timestamp, data }: Written): LogEntry => ({ source, timestamp, data })
