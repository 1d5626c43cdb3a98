import * as fc from 'fast-check'

/**
 * What happens to the requests of one kind: which of them, in order, meet what. After the list all is well.
 *
 * `stale`: the answer shows the log as it was a while ago. `odd`: a body that is none, after valid ones. `short`: a download that ends in mid-line, as if that were all.
 */
export type Fate = 'ok' | '503' | '429' | 'reset' | 'slow' | 'stale' | 'short' | 'odd'

/** How an open connection fares. */
export type LiveFate = 'open' | 'cut' | 'close' | 'mute' | '404' | '405' | 'html' | 'reset'

/** A log, a service that shows it in some way that the contract cannot exclude, and what goes wrong meanwhile. */
export interface Scenario {
  /** Milliseconds before each line, its source, and its text out of a few. */
  readonly lines: ReadonlyArray<{ readonly after: number; readonly source: 'stdout' | 'stderr'; readonly text: string }>
  readonly stamps: 'exact' | 'seconds' | 'backwards' | 'seconds-backwards' | 'set-back' | 'missing' | 'some-missing'
  /** Whether each line's text is one of a kind. */
  readonly distinct: boolean
  /** The line that is longer than the tail takes. */
  readonly long: number | undefined
  readonly keeps: 'first' | 'last'
  readonly widest: number
  readonly live: 'none' | 'all' | 'some' | 'new'
  readonly download: boolean
  /** How the download writes the lines, and where they are cut at 4096 characters. */
  readonly rendering: 'plain' | 'dated' | 'rfc3339' | 'trimmed' | 'colourless' | 'crlf'
  readonly cuts: 'window' | 'live' | 'full' | undefined
  /** Milliseconds that the service takes to answer. */
  readonly latency: number
  /** Milliseconds by which windows and downloads lag behind the log and the open connection, while the job runs. */
  readonly lag: number
  /** Milliseconds between two looks at the job's status. */
  readonly statusEvery: number
  readonly windowFates: ReadonlyArray<Fate>
  readonly liveFates: ReadonlyArray<{ readonly fate: LiveFate; readonly after: number }>
  readonly fullFates: ReadonlyArray<Fate>
  /** Milliseconds from the last line to the job's end, and from the first look to the first line. */
  readonly endsAfter: number
  readonly head: number
  /** Whether the tail starts anew from a cursor after this many lines. */
  readonly resumeAt: number | undefined
  /** Where the tail starts: `since` in milliseconds of virtual time. */
  readonly from: 'start' | 'now' | { readonly last: number } | { readonly since: number }
  /** So many lines at once, put into the log before line `at`. */
  readonly burst: { readonly at: number; readonly lines: number } | undefined
  /** Whether the service counts its lines. */
  readonly isCounted: boolean
  /** Whether the live connection shows that it is open only with its first line. */
  readonly headWithheld: boolean
  /** Of the jitter of waits. */
  readonly seed: number
}

const fates = ['ok', 'ok', 'ok', 'ok', '503', '429', 'reset', 'slow'] as const
const windowFate = fc.constantFrom<Fate>(...fates, 'stale', 'odd')
const fullFate = fc.constantFrom<Fate>(...fates, 'stale', 'short', 'odd')
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
  stamps: fc.constantFrom(
    'exact',
    'exact',
    'exact',
    'seconds',
    'backwards',
    'seconds-backwards',
    'set-back',
    'missing',
    'some-missing',
  ),
  distinct: fc.boolean(),
  long: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat(60) }),
  keeps: fc.constantFrom('last', 'last', 'first'),
  widest: fc.constantFrom(4, 12, 40, 5_000),
  live: fc.constantFrom('none', 'all', 'some', 'new', 'new'),
  download: fc.boolean(),
  rendering: fc.constantFrom('plain', 'plain', 'dated', 'rfc3339', 'trimmed', 'colourless', 'crlf'),
  cuts: fc.constantFrom(undefined, undefined, 'window', 'live', 'full'),
  latency: fc.constantFrom(0, 3, 40),
  lag: fc.constantFrom(0, 0, 0, 30, 300, 4_000),
  statusEvery: fc.constantFrom(50, 500, 3_000),
  windowFates: fc.array(windowFate, { maxLength: 6 }),
  liveFates: fc.array(liveFate, { maxLength: 5 }),
  fullFates: fc.array(fullFate, { maxLength: 2 }),
  endsAfter: fc.constantFrom(0, 10, 3_000),
  head: fc.constantFrom(0, 0, 1, 500, 100_000),
  resumeAt: fc.option(fc.nat(60), { nil: undefined, freq: 3 }),
  from: fc.oneof(
    { weight: 5, arbitrary: fc.constant('start' as const) },
    { weight: 1, arbitrary: fc.constant('now' as const) },
    { weight: 1, arbitrary: fc.record({ last: fc.nat(50) }) },
    { weight: 1, arbitrary: fc.record({ since: fc.integer({ min: -100_000, max: 20_000 }) }) },
  ),
  burst: fc.option(fc.record({ at: fc.nat(60), lines: fc.integer({ min: 10, max: 150 }) }), {
    nil: undefined,
    freq: 5,
  }),
  isCounted: fc.oneof({ weight: 20, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  headWithheld: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  seed: fc.nat(),
})
