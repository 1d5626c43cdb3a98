import * as fc from 'fast-check'

/** What happens to the requests of one kind: which of them, in order, meet what. After the list all is well. */
export type Fate = 'ok' | '503' | '429' | 'reset' | 'slow'

/** How an open connection fares. */
export type LiveFate = 'open' | 'cut' | 'close' | 'mute' | '404' | '405' | 'html' | 'reset'

/** A log, a service that shows it in some way that the contract cannot exclude, and what goes wrong meanwhile. */
export interface Scenario {
  /** Milliseconds before each line, its source, and its text out of a few. */
  readonly lines: ReadonlyArray<{ readonly after: number; readonly source: 'stdout' | 'stderr'; readonly text: string }>
  readonly stamps: 'exact' | 'seconds' | 'backwards' | 'missing' | 'some-missing'
  /** Whether each line's text is one of a kind. */
  readonly distinct: boolean
  readonly keeps: 'first' | 'last'
  readonly widest: number
  readonly live: 'none' | 'all' | 'some' | 'new'
  readonly download: boolean
  /** Milliseconds that the service takes to answer. */
  readonly latency: number
  readonly statusFates: ReadonlyArray<Fate>
  readonly windowFates: ReadonlyArray<Fate>
  readonly liveFates: ReadonlyArray<{ readonly fate: LiveFate; readonly after: number }>
  readonly fullFates: ReadonlyArray<Fate>
  /** Milliseconds from the last line to the job's end, and from the first look to the first line. */
  readonly endsAfter: number
  readonly head: number
  /** Whether the tail starts anew from a cursor after this many lines. */
  readonly resumeAt: number | undefined
  /** Of the jitter of waits. */
  readonly seed: number
}

const fate = fc.constantFrom<Fate>('ok', 'ok', 'ok', 'ok', '503', '429', 'reset', 'slow')
const liveFate = fc.record({
  fate: fc.constantFrom<LiveFate>(
    'open',
    'open',
    'cut',
    'cut',
    'close',
    'close',
    'mute',
    '404',
    '405',
    'html',
    'reset',
  ),
  after: fc.nat(4_000),
})

/** Mostly bursts, sometimes a pause. */
const pause = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.nat(50) },
  { weight: 1, arbitrary: fc.nat(5_000) },
)

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  lines: fc.array(
    fc.record({ after: pause, source: fc.constantFrom('stdout', 'stderr'), text: fc.constantFrom('a', 'b', 'c', '') }),
    { maxLength: 60, size: 'max' },
  ),
  stamps: fc.constantFrom('exact', 'exact', 'exact', 'seconds', 'backwards', 'missing', 'some-missing'),
  distinct: fc.boolean(),
  keeps: fc.constantFrom('last', 'last', 'first'),
  widest: fc.constantFrom(4, 12, 40, 5_000),
  live: fc.constantFrom('none', 'all', 'some', 'new', 'new'),
  download: fc.boolean(),
  latency: fc.constantFrom(0, 3, 40),
  statusFates: fc.array(fate, { maxLength: 4 }),
  windowFates: fc.array(fate, { maxLength: 6 }),
  liveFates: fc.array(liveFate, { maxLength: 5 }),
  fullFates: fc.array(fate, { maxLength: 2 }),
  endsAfter: fc.constantFrom(0, 10, 3_000),
  head: fc.constantFrom(0, 0, 1, 500, 100_000),
  resumeAt: fc.option(fc.nat(60), { nil: undefined, freq: 3 }),
  seed: fc.nat(),
})
