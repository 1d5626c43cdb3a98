import { VirtualTimeScheduler } from 'rxjs'
import type { LoggedJobSource, Phase } from '../../streams/index.ts'
import type { LawSetup } from '../law-setup.ts'
import type { FakeLogKind } from './fake-log.ts'
import { type FakeShape, fakeSource } from './fake-source.ts'
import { Life } from './life.ts'
import { Traffic } from './traffic.ts'

/** How a fake service behaves beside its marbles. */
export interface FakeOptions {
  /** The clock. Default: a VirtualTimeScheduler of its own; a TestScheduler is one, too. */
  readonly scheduler?: VirtualTimeScheduler
  /** Milliseconds from a request to its answer. Default 100: law 3 tells an abort from an answer only above 50. */
  readonly latency?: number
  /** How its log can be read: `live`, an open connection beside window and download; `window`; `counted`. Default `live`. */
  readonly log?: FakeLogKind
  /** Marbles for what follows once it was cancelled. Default `f`: it fails at once. */
  readonly cancelled?: string
}

/** The job of a fake service, unless another shape is asked for. */
export interface FakeStatus {
  readonly phase: Phase
}

/** A fake service with one job: a source for the streams, its clock, and what the laws need to judge by. */
export interface FakeJob<Ref, Job, Failure> extends LawSetup<Ref, Job, Failure> {
  readonly source: LoggedJobSource<Ref, Job, Failure>
  /** `flush()` runs everything to its end: without a deadline a job that never ends, never does. */
  readonly scheduler: VirtualTimeScheduler
  readonly lines: () => ReadonlyArray<string>
  readonly posts: () => number
}

const plain: FakeShape<string, FakeStatus, string> = {
  ref: 'job',
  job: (phase) => ({ phase }),
  failure: 'it failed',
  missing: 'no-such-job',
}

/**
 * A service with one job that lives by marbles, in virtual time: an hour of it takes a millisecond.
 *
 * Marbles are words between spaces. `q` `r` `s` `f` `e` `u` are the phases queued, running, succeeded, failed, ended,
 * unknown; `500ms` `1s` `10m` `1h` let time pass; `'text'` is a line on stdout, `2>'text'` on stderr. `#503` and
 * `#429/30s` fail the next request that is answered, with that status and that Retry-After. `x` breaks the open
 * connection, or else the next request. The job begins when this is called. `source` carries its clock, so that streams
 * need no option for it; cancelling turns the job to other marbles.
 *
 * @param as the job's types, where an app expects those of a real service
 * @throws TypeError for what is no marble, and for a job that goes on after its end
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
  return as === undefined ? serve(marbles, plain, options) : serve(marbles, as, options)
}

function serve<Ref, Job, Failure>(
  marbles: string,
  shape: FakeShape<Ref, Job, Failure>,
  { scheduler = new VirtualTimeScheduler(), latency = 100, log = 'live', cancelled = 'f' }: FakeOptions,
): FakeJob<Ref, Job, Failure> {
  const life = new Life(marbles, scheduler)
  const traffic = new Traffic()
  let posts = 0
  const source = fakeSource({ shape, life, traffic, scheduler, latency, log, cancelled, onPost: () => posts++ })
  return {
    source,
    ref: shape.ref,
    scheduler,
    advance: (ms) => {
      runUntil(scheduler, scheduler.now() + ms)
      return Promise.resolve()
    },
    isOver: () => life.over,
    inFlight: (kind) => traffic.inFlight(kind),
    mostInFlight: (kind) => traffic.mostInFlight(kind),
    close: () => undefined,
    within: 2 * life.length + 600_000,
    lines: () => life.lines.map(({ data }) => data),
    posts: () => posts,
    ...(shape.missing === undefined ? {} : { missing: shape.missing }),
  }
}

/** Runs what is due by then, and not more. */
function runUntil(scheduler: VirtualTimeScheduler, time: number): void {
  const { maxFrames } = scheduler
  scheduler.maxFrames = time
  scheduler.flush()
  scheduler.maxFrames = maxFrames
  scheduler.frame = Math.max(scheduler.frame, time)
}
