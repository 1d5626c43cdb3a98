import {
  defer,
  EMPTY,
  map,
  mergeMap,
  Observable,
  of,
  type SchedulerLike,
  type Subscription,
  tap,
  throwError,
  timer,
} from 'rxjs'
import { HttpError, type RequestDescription } from '../core/index.ts'
import type { JobLog, LogEntry, LoggedJobSource, Phase } from '../streams/index.ts'
import type { ScriptedJob } from './scripted-job.ts'
import type { RequestKind } from './conformance-types.ts'

/** What the jobs of a fake service have. */
export interface FakeShape<Ref, Job, Failure> {
  /** The job's reference. Every other one is answered with 404. References are compared by their JSON. */
  readonly ref: Ref
  /** The job as the service would send it. */
  readonly job: (phase: Phase) => Job
  /** Why the job failed, where the marbles say that it does. */
  readonly failure: Failure
  /** A reference that names no job, for the conformance suite. */
  readonly missing?: Ref
}

/** The ways to read a fake log, by the methods of JobLog: `stream` has download and read, too; `after` has read; `read` only that. */
export type FakeLogKind = 'stream' | 'after' | 'read'

/** A source that has a log and can cancel. */
export interface FakeSource<Ref, Job, Failure> extends LoggedJobSource<Ref, Job, Failure> {
  readonly cancel: (ref: Ref) => Observable<void>
}

/** The parts of a fake source. */
export interface FakeService<Ref, Job, Failure> {
  readonly shape: FakeShape<Ref, Job, Failure>
  readonly job: ScriptedJob
  readonly scheduler: SchedulerLike
  /** Milliseconds from a request to its response. */
  readonly latency: number
  readonly log: FakeLogKind
  /** The marbles that follow a cancellation. */
  readonly cancelled: string
}

type AnyKind = RequestKind | 'other'

/** Counts the requests that a service has open. Kind `other` counts only in the sum of all kinds. */
export class RequestCounter {
  readonly #open: Array<AnyKind> = []
  readonly #most = new Map<AnyKind | undefined, number>()
  /** How many cancellations were received. */
  posts = 0

  inFlight(kind?: AnyKind): number {
    return kind === undefined ? this.#open.length : this.#open.filter((open) => open === kind).length
  }

  mostInFlight(kind?: AnyKind): number {
    return this.#most.get(kind) ?? 0
  }

  /** Counts a request from its subscription to its response, an open connection until it is closed. */
  count<A>(kind: AnyKind, request: Observable<A>): Observable<A> {
    return defer(() => {
      this.#open.push(kind)
      for (const some of [kind, undefined]) this.#most.set(some, Math.max(this.mostInFlight(some), this.inFlight(some)))
      let isOpen = true
      const close = (): void => {
        if (isOpen) this.#open.splice(this.#open.indexOf(kind), 1)
        isOpen = false
      }
      // Closed before the event goes on: the next request may follow in the same turn.
      const next = kind === 'live' ? () => undefined : close
      return request.pipe(tap({ next, error: close, complete: close, unsubscribe: close }))
    })
  }
}

const entryOf = ({ source, timestamp, data }: LogEntry): LogEntry => ({ source, timestamp, data })

/** A source of a scripted job. A response has the state of the moment when it is sent, not when it was requested. */
export function fakeSource<Ref, Job, Failure>(
  { shape, job, scheduler, latency, log, cancelled }: FakeService<Ref, Job, Failure>,
  counter: RequestCounter,
): FakeSource<Ref, Job, Failure> {
  const keyOf = (ref: Ref): string => `/jobs/${encodeURIComponent(typeof ref === 'string' ? ref : JSON.stringify(ref))}`

  function send<A>(kind: AnyKind, ref: Ref, respond: (request: RequestDescription) => Observable<A>): Observable<A> {
    const request = { method: 'GET', path: keyOf(ref) }
    const response = timer(latency, scheduler).pipe(
      mergeMap(() => {
        const isMissing = request.path !== keyOf(shape.ref)
        const error = isMissing ? new HttpError({ ...request, status: 404 }) : job.fault(request, 'request')
        return error === undefined ? respond(request) : throwError(() => error)
      }),
    )
    return counter.count(kind, response)
  }
  const entries = (): ReadonlyArray<LogEntry> => job.lines.map(entryOf)
  const read: JobLog<Ref>['read'] = (ref, maxLines) => send('log', ref, () => of(entries().slice(-maxLines)))
  const logs: Readonly<Record<FakeLogKind, JobLog<Ref>>> = {
    read: { read },
    after: {
      read,
      after: (ref, offset) =>
        send('log', ref, () => of({ entries: entries().slice(offset), nextOffset: entries().length })),
    },
    stream: {
      read,
      stream: (ref) => send('live', ref, (request) => liveLog(job, scheduler, request)),
      download: (ref) => send('log', ref, () => of(entries().map(({ data }) => data))),
    },
  }

  return {
    scheduler,
    refOf: (ref) => ref,
    keyOf,
    status: (ref) => send('status', ref, () => of(job.phase)).pipe(map((phase) => ({ job: shape.job(phase), phase }))),
    failure: (ref) => send('other', ref, () => of(job.phase === 'failed' ? shape.failure : undefined)),
    cancel: (ref) =>
      defer(() => {
        counter.posts++
        return send('other', ref, () => {
          job.continueWith(cancelled)
          return EMPTY
        })
      }),
    log: logs[log],
  }
}

/** An open connection: the lines so far, then each line when it is written, until it breaks or the job is over. */
function liveLog(
  job: ScriptedJob,
  scheduler: SchedulerLike,
  request: RequestDescription,
): Observable<ReadonlyArray<LogEntry>> {
  return new Observable((subscriber) => {
    let sent = 0
    let next: Subscription | undefined
    function send(): void {
      const batch = job.lines.slice(sent).map(entryOf)
      sent += batch.length
      if (batch.length > 0) subscriber.next(batch)
      const fault = job.fault(request, 'connection')
      if (fault !== undefined) return subscriber.error(fault)
      if (job.over) return subscriber.complete()
      const wait = job.untilNext
      next?.unsubscribe()
      next = wait === undefined ? undefined : scheduler.schedule(send, wait)
    }
    subscriber.next([])
    subscriber.add(job.changed.subscribe(send))
    subscriber.add(() => next?.unsubscribe())
    send()
  })
}
