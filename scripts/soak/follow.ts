import { DecodeError, followJob, type JobEvent, type LogStart } from 'rxjobs'
import type { Connect } from 'rxjobs/connect'
import type { FedJob } from 'rxjobs/sandbox'
import {
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  merge,
  NEVER,
  Observable,
  ReplaySubject,
  takeUntil,
  tap,
  timer,
} from 'rxjs'
import { LogCheck } from './log-check.ts'
import { lifeOf, linesOf, longestLine, type Profile } from './profiles.ts'
import { copyOf, failed, judge, nameOf, type Soak } from './soak.ts'

/** Where jobs are, and one way to them. */
export interface Place {
  readonly name: string
  readonly feed: () => FedJob
  readonly jobs: Connect['jobs']
  /** Whether the live connection sends some lines twice, one right after the other, or after the one that follows. */
  readonly isFlawed: boolean
}

type Event = JobEvent<unknown, unknown, unknown>
type End = 'done' | 'failed' | 'killed'

/** One job, how it writes, and how it is to end. */
interface Run {
  readonly soak: Soak
  readonly place: Place
  readonly profile: Profile
  readonly job: FedJob
  readonly end: End
  readonly check: LogCheck
  /** Emits when the job is to be killed. */
  readonly kill: ReplaySubject<void>
  written: number
  overAt: number
  /** Whether the session under way has had an answer that fits. */
  hasAnswered: boolean
  hasSettled: boolean
  from: LogStart
}

/** One job after the other until the time is over; each is followed and compared with what was written. */
export function follow(soak: Soak, place: Place, profile: Profile): Observable<never> {
  return defer(() => {
    if (soak.now() >= soak.until) return EMPTY
    const ends = ['done', 'done', 'failed', 'killed'] as const
    const run: Run = {
      soak,
      place,
      profile,
      job: place.feed(),
      end: ends[Math.floor(soak.random() * ends.length)] ?? 'done',
      check: new LogCheck(profile),
      kill: new ReplaySubject(1),
      written: 0,
      overAt: Number.POSITIVE_INFINITY,
      hasAnswered: false,
      hasSettled: false,
      from: 'start',
    }
    return concat(merge(write(run), read(run)), follow(soak, place, profile))
  })
}

/** Writes the log and ends the job. */
function write(run: Run): Observable<never> {
  const { soak, job, profile } = run
  const { scheduler, now, random, until } = soak
  const over = Math.min(until, now() + lifeOf(profile, random))
  const end = (): void => {
    run.overAt = now()
    if (run.end === 'killed') run.kill.next()
    else job.finish(run.end === 'done' ? 0 : 3)
  }
  return new Observable((subscriber) => {
    const next = (): void => {
      const { afterMs, lines } = profile.step(run.written, random)
      const isLast = now() + afterMs >= over
      const step = (): void => {
        if (isLast) {
          end()
          subscriber.complete()
          return
        }
        // What was gone before the first read was not of the log that the stream began with.
        if (run.check.next > 0 && random() < (profile.rotates ?? 0)) {
          soak.tally.add('faults', 'a log that begins anew')
          job.rotate()
        }
        job.write(linesOf(profile, run.written, run.written + lines))
        run.written += lines
        next()
      }
      subscriber.add(scheduler.schedule(step, isLast ? Math.max(0, over - now()) : afterMs))
    }
    next()
  })
}

/** Follows the job to its end; half of the streams stop on their way and go on from a copy of their cursor. */
function read(run: Run): Observable<never> {
  const { soak, place, profile, job, check } = run
  const { scheduler, random, tally, open } = soak
  const where = `${place.name}, ${profile.name}, ${job.key}`
  const session = defer(() => {
    if (run.hasSettled) return EMPTY
    run.hasAnswered = false
    const { from, kill: cancelOn } = run
    const options = { from, scheduler, random, cancelOn, maxLineLength: longestLine, stallTimeout: 10_000 }
    return followJob(place.jobs, { guid: job.guid, key: job.key }, options)
  })
  const pause = random() < 0.5 ? timer(1_000 + random() * 60_000, scheduler) : NEVER
  const resumed = defer(() => {
    if (!run.hasSettled) tally.add('jobs', 'streams that were resumed')
    return session
  })
  // A stream of which the very first answer does not fit ends at once: it may be a wrong address.
  const again = (error: unknown): Observable<Event> => {
    if (!(error instanceof DecodeError) || run.hasAnswered) throw error
    tally.add('jobs', 'streams whose first answer did not fit')
    return session
  }
  open.add(where)
  return concat(session.pipe(takeUntil(pause)), resumed).pipe(
    catchError(again),
    catchError(again),
    tap((event) => take(run, where, event)),
    tap({ complete: () => judge(soak, where, check, run.written, place.isFlawed) }),
    catchError((error: unknown) => failed(soak, where, error)),
    finalize(() => open.delete(where)),
    ignoreElements(),
  )
}

const phases = { done: 'succeeded', failed: 'failed', killed: 'failed' } as const

function take(run: Run, where: string, event: Event): void {
  const { soak, place, check, end } = run
  const { tally, now } = soak
  if (event._tag !== 'Connection') run.hasAnswered = true
  switch (event._tag) {
    case 'Gap':
      tally.add('gaps', event.reason)
      break
    case 'Connection':
      tally.add('connections', `${event.channel} ${event.state}`)
      if (event.error) tally.add('errors that passed', nameOf(event.error))
      break
    case 'Settled': {
      const { phase } = event.outcome
      run.hasSettled = true
      tally.add('jobs', `${place.name}: ${phase}`)
      tally.most('milliseconds until the end of a job was told', now() - run.overAt)
      if (phase !== phases[end]) tally.fail(`${where}: it ended as ${phase}, not as ${phases[end]}`)
    }
  }
  if (event._tag !== 'Line' && event._tag !== 'Gap') return
  run.from = copyOf(event.cursor)
  check.take(event)
}
