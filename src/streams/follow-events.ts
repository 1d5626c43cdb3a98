import {
  catchError,
  defer,
  distinctUntilChanged,
  EMPTY,
  ignoreElements,
  Observable,
  ReplaySubject,
  Subject,
  tap,
  throwError,
} from 'rxjs'
import { boundTo } from '../core/bound-to.ts'
import { DeadlineError, type Ready } from '../core/index.ts'
import { bounded } from '../core/retry-after.ts'
import { failAfter } from './deadline.ts'
import type { ConnectionEvent } from './job-event.ts'
import type { JobSource, Reading } from './job-source.ts'
import { type FinalStatus, isFinalStatus, type JobStatus } from './job-status.ts'
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
import { clockOf, patienceOf } from './options.ts'
import { cutShort } from './readings.ts'
import { sameOf, tellsNothing } from './same.ts'
import { supervised } from './supervised.ts'
import { TrailKeeper } from './trail.ts'

/** What is told one by one. */
export type Single<Ref, Job> = JobStatus<Ref, Job> | ConnectionEvent<Ref>

/** What a job is followed by until it is settled: lines and gaps in batches, all else one by one. */
export type Followed<Ref, Job> = Single<Ref, Job> | ReadonlyArray<LogElement<Ref>>

/** What comes when the job is over and its log drained, within the deadline and heard of as all else is. */
type Settle<Ref, Job, Last> = (last: FinalStatus<Ref, Job>, heard: TailOptions<Job, Ref>) => Observable<Last>

/**
 * Watches a job and tails its log, if it has one: the one engine below tailLog and followJob.
 *
 * The status is looked at first, because the log of a job that is over needs no open connection. A connection that
 * closes by itself is a reason to look at the status at once. Completes when the job is over, its log drained, and
 * `settle` done. The deadline is for all of it.
 */
export function followEvents<Ref, Job, Failure, Submitted, Last = never>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  ref: Ref,
  options: TailOptions<Job, Ref>,
  settle: Settle<Ref, Job, Last> = () => EMPTY,
): (ready: Ready) => Observable<Followed<Ref, Job> | Last> {
  const path = source.keyOf(ref)
  const scheduler = clockOf(source, options)
  const same = sameOf(source)
  const { from = start, onGap = 'repair', maxLineBytes = 2 ** 20, silence = 30_000, deadline } = options

  return (ready) =>
    defer(() => {
      let last: JobStatus<Ref, Job> | undefined
      const seen = new TrailKeeper()
      const events = new Observable<Followed<Ref, Job> | Last>((subscriber) => {
        const over = new ReplaySubject<void>(1)
        const closed = new Subject<void>()

        const heard: TailOptions<Job, Ref> = {
          ...options,
          scheduler,
          onConnection: (connection) => {
            seen.noticed(connection)
            try {
              options.onConnection?.(connection)
            } catch (thrown) {
              // Connections are told of from everywhere: only here is it certain that it becomes the stream's error.
              return subscriber.error(thrown)
            }
            subscriber.next({ _tag: 'Connection', ...connection })
          },
        }
        const tail = (first: Reading<Ref, Job>): Batches<Ref> => {
          if (source.log === undefined) return over.pipe(ignoreElements())
          const longest = Math.min(maxLineBytes, source.log.longest ?? maxLineBytes)
          const position = new Position(ref, from)
          const begun = scheduler.now()
          return tailElements({
            log: boundedLog(source.log, longest),
            ref,
            position,
            emit: emitter(ref, position, longest),
            patience: patienceOf(source, ref, heard),
            ready,
            repair: onGap !== 'emit',
            silence: bounded(silence),
            pause: logPause(
              options.cadence,
              () => last?.job ?? first.job,
              () => scheduler.now() - begun,
              options.random,
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
          if (gap !== undefined) subscriber.error(gapError(path, gap))
        }
        function finish(): void {
          if (last !== undefined && isFinalStatus(last)) settle(last, heard).subscribe(subscriber)
        }
        function begin(first: Reading<Ref, Job>): void {
          tail(first)
            .pipe(boundTo(subscriber))
            .subscribe({ next: give, error: (error: unknown) => subscriber.error(error), complete: finish })
        }

        supervised(source, ref, heard, closed)
          .pipe(
            tap(({ phase }) => seen.looked(phase)),
            distinctUntilChanged((before, after) => tellsNothing(before, after, same)),
            boundTo(subscriber),
          )
          .subscribe({
            next: (reading) => {
              if (last !== undefined && isFinalStatus(last)) return
              const isFirst = last === undefined
              last = { _tag: 'Status', ref, job: reading.job, phase: reading.phase }
              subscriber.next(last)
              if (isFinalStatus(last)) {
                over.next()
                over.complete()
              }
              if (isFirst && !subscriber.closed) begin(reading)
            },
            error: (error: unknown) => subscriber.error(error),
            complete: () => {
              if (last === undefined || !isFinalStatus(last)) subscriber.error(cutShort(path))
            },
          })
      })
      return events.pipe(
        failAfter(deadline, scheduler, () => new DeadlineError({ method: 'GET', path, deadline: deadline ?? 0, last })),
        catchError((error: unknown) => throwError(() => seen.onto(error))),
      )
    })
}
