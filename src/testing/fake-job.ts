import { VirtualTimeScheduler } from 'rxjs'
import { aNumberFromZero, aScheduler, aString, checkOptions, enumParam, type OptionTable } from '../core/index.ts'
import type { Phase } from '../streams/index.ts'
import { type FakeLogKind, type FakeShape, type FakeSource, fakeSource, RequestCounter } from './fake-source.ts'
import { ScriptedJob } from './scripted-job.ts'
import type { SourceUnderTest } from './conformance-types.ts'

/** How a fake service behaves beside its marbles. */
export interface FakeOptions {
  /** Default: a VirtualTimeScheduler of its own. A TestScheduler is one, too. */
  readonly scheduler?: VirtualTimeScheduler
  /** Milliseconds from a request to its response. Default 100: G3 tells an abort from a response only above 50. */
  readonly latency?: number
  /** How its log can be read: `stream`, an open connection beside read and download; `after`, by offset; `read`. Default `stream`. */
  readonly log?: FakeLogKind
  /** The marbles that follow a cancellation. Default `c`: it is cancelled at once. */
  readonly cancelled?: string
}

/** The job of a fake service, unless another shape is given. */
export interface FakeStatus {
  readonly phase: Phase
}

/** A fake service with one job: a source for the streams, its scheduler, and what the conformance suite needs. */
export interface FakeJob<Ref, Job, Failure> extends SourceUnderTest<Ref, Job, Failure> {
  readonly source: FakeSource<Ref, Job, Failure>
  /** `flush()` runs everything to its end. A job that never ends needs a deadline. */
  readonly scheduler: VirtualTimeScheduler
  readonly lines: () => ReadonlyArray<string>
  readonly posts: () => number
}

const optionTable: OptionTable = {
  as: null,
  scheduler: aScheduler,
  latency: aNumberFromZero,
  log: /* @__PURE__ */ enumParam('stream', 'after', 'read'),
  cancelled: aString,
}

const plain: FakeShape<string, FakeStatus, string> = {
  ref: 'job',
  job: (phase) => ({ phase }),
  failure: 'it failed',
  missing: 'no-such-job',
}

/**
 * A service with one job that follows marbles, in virtual time: an hour takes a millisecond.
 *
 * Marbles are words between spaces. `q` `r` `s` `f` `c` `k` `e` `u` are the phases queued, running, succeeded, failed, cancelled,
 * skipped, ended, unknown; `500ms` `1s` `10m` `1h` let time pass; `'text'` is a line on stdout, `2>'text'` on stderr. `#503` and
 * `#429/30s` fail the next request that is answered, with that status and that Retry-After. `x` breaks the open connection, or else
 * the next request. The job begins when this is called. `source` has its scheduler, so that streams need no option for it.
 * Cancelling replaces the rest of the marbles by those of the option `cancelled`.
 *
 * @param as the job's types, where an app expects those of a real service
 * @throws TypeError for a word that is no marble, a job that goes on after its end, and an invalid or unknown option
 *
 * @example
 * ```ts
 * import { followJob } from 'rxjobs'
 * import { fakeJob } from 'rxjobs/testing'
 *
 * const { source, ref, scheduler } = fakeJob("q 1s r 'compiling' x 1h 2>'out of memory' f")
 * const phases: Array<string> = []
 * const log: Array<string> = []
 * followJob(source, ref).subscribe((event) => {
 *   if (event._tag === 'Status') phases.push(event.phase)
 *   if (event._tag === 'Line') log.push(event.data)
 * })
 * scheduler.flush()
 * phases // => ['queued', 'running', 'failed']
 * log // => ['compiling', 'out of memory']
 * scheduler.now() > 3_600_000 // => true
 * ```
 */
export function fakeJob<Ref, Job, Failure>(
  marbles: string,
  options: FakeOptions & { readonly as: FakeShape<Ref, Job, Failure> },
): FakeJob<Ref, Job, Failure>
export function fakeJob(marbles: string, options?: FakeOptions): FakeJob<string, FakeStatus, string>
export function fakeJob(
  marbles: string,
  { as, ...options }: FakeOptions & { readonly as?: FakeShape<unknown, unknown, unknown> } = {},
): FakeJob<unknown, unknown, unknown> | FakeJob<string, FakeStatus, string> {
  checkOptions('fakeJob', { as, ...options }, optionTable)
  return as === undefined ? serve(marbles, plain, options) : serve(marbles, as, options)
}

function serve<Ref, Job, Failure>(
  marbles: string,
  shape: FakeShape<Ref, Job, Failure>,
  { scheduler = new VirtualTimeScheduler(), latency = 100, log = 'stream', cancelled = 'c' }: FakeOptions,
): FakeJob<Ref, Job, Failure> {
  const job = new ScriptedJob(marbles, scheduler)
  const counter = new RequestCounter()
  return {
    source: fakeSource({ shape, job, scheduler, latency, log, cancelled }, counter),
    ref: shape.ref,
    scheduler,
    advance: (ms) => {
      runUntil(scheduler, scheduler.now() + ms)
      return Promise.resolve()
    },
    isOver: () => job.over,
    inFlight: (kind) => counter.inFlight(kind),
    mostInFlight: (kind) => counter.mostInFlight(kind),
    close: () => undefined,
    within: 2 * job.length + 600_000,
    lines: () => job.lines.map(({ data }) => data),
    posts: () => counter.posts,
    ...(shape.missing === undefined ? {} : { missing: shape.missing }),
  }
}

/** Runs what is due until then, and leaves the scheduler at that time. */
function runUntil(scheduler: VirtualTimeScheduler, time: number): void {
  const { maxFrames } = scheduler
  scheduler.maxFrames = time
  scheduler.flush()
  scheduler.maxFrames = maxFrames
  scheduler.frame = Math.max(scheduler.frame, time)
}
