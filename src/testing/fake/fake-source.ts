import { defer, EMPTY, map, mergeMap, type Observable, of, type SchedulerLike, throwError, timer } from 'rxjs'
import { type Asked, HttpError } from '../../core/index.ts'
import { none, some } from '../../core/option.ts'
import type { LoggedJobSource, Phase } from '../../streams/index.ts'
import { fakeLog, type FakeLogKind, type Send } from './fake-log.ts'
import type { Life } from './life.ts'
import type { Traffic } from './traffic.ts'

/** What the jobs of a fake service look like. */
export interface FakeShape<Ref, Job, Failure> {
  /** The job's reference; every other one is answered with 404. Told apart by their JSON. */
  readonly ref: Ref
  /** The job as the service would send it. */
  readonly job: (phase: Phase) => Job
  /** Why it failed, where the marbles say that it does. */
  readonly failure: Failure
  /** A reference that names no job, for the laws. */
  readonly missing?: Ref
}

/** What a fake source is made of. */
export interface FakeService<Ref, Job, Failure> {
  readonly shape: FakeShape<Ref, Job, Failure>
  readonly life: Life
  readonly traffic: Traffic
  readonly scheduler: SchedulerLike
  /** Milliseconds from a request to its answer. */
  readonly latency: number
  readonly log: FakeLogKind
  /** What follows a cancel. */
  readonly cancelled: string
  readonly onPost: () => void
}

/** A source on a life. Each answer is what is so when it is given, not when it was asked for. */
export function fakeSource<Ref, Job, Failure>({
  shape,
  life,
  traffic,
  scheduler,
  latency,
  log,
  cancelled,
  onPost,
}: FakeService<Ref, Job, Failure>): LoggedJobSource<Ref, Job, Failure> {
  const keyOf = (ref: Ref): string => `/jobs/${encodeURIComponent(typeof ref === 'string' ? ref : JSON.stringify(ref))}`
  const askedFor = (ref: Ref): Asked => ({ method: 'GET', path: keyOf(ref) })
  const send: Send<Ref> = (kind, ref, answer) =>
    traffic.count(
      kind,
      timer(latency, scheduler).pipe(
        mergeMap(() => {
          const asked = askedFor(ref)
          const missing = keyOf(ref) === keyOf(shape.ref) ? undefined : new HttpError({ ...asked, status: 404 })
          const error = missing ?? life.fault(asked, 'request')
          return error === undefined ? answer() : throwError(() => error)
        }),
      ),
    )
  const order = (): Observable<never> => {
    life.turn(cancelled)
    return EMPTY
  }

  return {
    scheduler,
    refOf: some,
    keyOf,
    status: (ref) =>
      send('status', ref, () => of(life.phase)).pipe(map((phase) => ({ ref, job: shape.job(phase), phase }))),
    failure: (ref) => send('other', ref, () => of(life.phase === 'failed' ? some(shape.failure) : none)),
    cancel: (ref) =>
      defer(() => {
        onPost()
        return send('other', ref, order)
      }),
    log: fakeLog(life, log, scheduler, askedFor, send),
  }
}
