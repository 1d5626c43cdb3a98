import { distinctUntilChanged, Observable, ReplaySubject, Subject, tap } from 'rxjs'
import { DeadlineError, type Ready } from '../core/index.ts'
import { failAfter } from './deadline.ts'
import type { ConnectionEvent } from './job-event.ts'
import type { JobSource, Reading } from './job-source.ts'
import type { JobStatus } from './job-status.ts'
import { boundedLog } from './log/bounded-log.ts'
import { start } from './log/cursor.ts'
import { emitter } from './log/emitter.ts'
import { gapError, untilGap } from './log/gap-error.ts'
import type { LogElement } from './log/log-line.ts'
import { logPause } from './log/log-pause.ts'
import type { Batches } from './log/log-reader-setup.ts'
import { Position } from './log/position.ts'
import { tailElements } from './log/tail-elements.ts'
import type { TailOptions } from './log/tail-options.ts'
import { checkOptions, clockOf, nameOf, patienceOf } from './options.ts'
import { isFinal } from './phase.ts'
import { sameOf, tellsNothing } from './same.ts'
import { checkCancel, supervised } from './supervised.ts'
import { TrailKeeper } from './trail.ts'

/** What is told one by one. */
export type Single<Ref, Job> = JobStatus<Ref, Job> | ConnectionEvent<Ref>

/** What a job is followed by until it is settled: lines and gaps in batches, all else one by one. */
export type Followed<Ref, Job> = Single<Ref, Job> | ReadonlyArray<LogElement<Ref>>

/**
 * Watches a job and tails its log, if it has one: the one engine below tailLog and followJob.
 *
 * The status is looked at first, because the log of a job that is over needs no open connection. A connection that
 * closes by itself is a reason to look at the status at once. Completes when the job is over and its log drained.
 */
export function followEvents<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  ref: Ref,
  options: TailOptions<Job>,
): (ready: Ready) => Observable<Followed<Ref, Job>> {
  checkOptions(options)
  checkCancel(source, options)
  const path = nameOf(source, ref)
  const scheduler = clockOf(source, options)
  const same = sameOf(source)
  const { from = start, onGap = 'repair', maxLineBytes = 2 ** 20, silence = 30_000, deadline } = options

  return (ready) =>
    new Observable((subscriber) => {
      const over = new ReplaySubject<void>(1)
      const closed = new Subject<void>()
      let last: JobStatus<Ref, Job> | undefined
      const seen = new TrailKeeper()
      const fail = (error: unknown): void => subscriber.error(seen.onto(error))

      const heard: TailOptions<Job> = {
        ...options,
        scheduler,
        onConnection: (connection) => {
          seen.noticed(connection)
          options.onConnection?.(connection)
          subscriber.next({ _tag: 'Connection', ref, ...connection })
        },
      }
      const tail = (first: Reading<Ref, Job>): Batches<Ref> | undefined => {
        if (source.log === undefined) return undefined
        const longest = Math.min(maxLineBytes, source.log.longest ?? maxLineBytes)
        const position = new Position(ref, from)
        const begun = scheduler.now()
        return tailElements({
          log: boundedLog(source.log, longest),
          ref,
          position,
          emit: emitter(ref, position, longest),
          patience: patienceOf(source, heard),
          ready,
          repair: onGap !== 'emit',
          silence,
          pause: logPause(
            options.cadence,
            () => last?.job ?? first.job,
            () => scheduler.now() - begun,
          ),
          over,
          onClosed: () => closed.next(),
        })
      }

      /** In the strict mode what comes before a gap is still told. */
      function give(elements: ReadonlyArray<LogElement<Ref>>): void {
        if (onGap !== 'error') return subscriber.next(elements)
        const { before, gap } = untilGap(elements)
        subscriber.next(before)
        if (gap !== undefined) fail(gapError(path, gap))
      }

      let tailing: Batches<Ref> | undefined
      function begin(first: Reading<Ref, Job>): void {
        tailing = tail(first)
        subscriber.add(
          tailing?.subscribe({
            next: give,
            error: fail,
            complete: () => subscriber.complete(),
          }),
        )
      }

      const statuses = supervised(source, ref, heard, closed).pipe(
        tap(({ phase }) => seen.looked(phase)),
        distinctUntilChanged((before, after) => tellsNothing(before, after, same)),
        failAfter(deadline, scheduler, () => new DeadlineError({ method: 'GET', path, deadline: deadline ?? 0, last })),
      )
      subscriber.add(
        statuses.subscribe({
          next: (reading) => {
            const isFirst = last === undefined
            last = { _tag: 'Status', ref, job: reading.job, phase: reading.phase }
            subscriber.next(last)
            if (isFinal(reading.phase)) over.next()
            if (isFirst && !subscriber.closed) begin(reading)
          },
          error: fail,
          complete: () => {
            if (tailing === undefined) subscriber.complete()
          },
        }),
      )
    })
}
