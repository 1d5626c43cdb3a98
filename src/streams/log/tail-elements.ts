import { concat, defer, EMPTY, type Observable, repeat, takeUntil, tap, timer } from 'rxjs'
import { backoff } from '../../core/backoff.ts'
import { isApiError, isTransient, type Ready, withPace } from '../../core/index.ts'
import { askedToWait } from '../../core/transient.ts'
import type { JobLog } from '../job-log.ts'
import { Link, type Patience } from '../link.ts'
import type { Emitter } from './emitter.ts'
import { liveSession, type SessionEnd } from './live-session.ts'
import { LogReader } from './log-reader.ts'
import type { Batches } from './log-reader-setup.ts'
import type { Position } from './position.ts'

// A connection that keeps dropping is left alone for a while; the log is polled meanwhile. One that closed at once is no
// better for what it sent: the log gives as much, at a pace that we choose.
const mostDrops = 3
const atOnce = 250
const restAfterDrops = 60_000
const reconnect = { base: 250, cap: 5_000 }

// Where only the whole log shows what is new, each look costs the whole log.
const costlyPause = 15_000

// The last lines mostly came with the first look; a log that still grows after its job is asked ever less often.
const drainPause = 50
const longestDrainPause = 2_500

// A log that nearly outruns its window is looked at again before it does.
const hurriedPause = 50

/** What a tail works with. */
export interface TailSetup<Ref> {
  readonly log: JobLog<Ref>
  readonly ref: Ref
  readonly position: Position<Ref>
  readonly emit: Emitter<Ref>
  readonly patience: Patience
  readonly ready: Ready
  readonly repair: boolean
  readonly silence: number
  /** Milliseconds until the next look at the log, where it is polled. */
  readonly pause: (added: boolean) => number
  /** Emits when the job is over. */
  readonly over: Observable<unknown>
  /** Called when a connection is over, however it ended: the job may be over as well. */
  readonly onClosed: () => void
}

/**
 * The lines of a log while it is written: by an open connection where there is one and it is any good, else by polling;
 * when the job is over the log is read until a look adds nothing, and that is the end.
 */
export function tailElements<Ref>(setup: TailSetup<Ref>): Batches<Ref> {
  const { log, ref, position, emit, patience, ready, silence, pause, over, onClosed, repair } = setup
  const { scheduler, random } = patience
  return defer(() => {
    const link = new Link('live', patience)
    const reader = new LogReader({ log, ref, position, emit, link: new Link('log', patience), ready, repair })
    const live = log.since === undefined ? log.live : undefined
    let liveFrom = live === undefined ? Number.POSITIVE_INFINITY : scheduler.now()
    let drops = 0
    let wait = 0
    let openedAt = 0
    let reopening: (() => void) | undefined

    function fallBack(error: unknown, ms: number): void {
      liveFrom = scheduler.now() + ms
      drops = 0
      wait = 0
      link.fellBack(error, Number.isFinite(ms) ? ms : 0)
    }

    function onEnd(end: SessionEnd, delivered: boolean, error?: unknown): void {
      onClosed()
      if (end === 'useless') return fallBack(undefined, Number.POSITIVE_INFINITY)
      const passes = isApiError(error) && (isTransient(error) || patience.transient?.(error) === true)
      if (end === 'failed' && !passes) return fallBack(error, Number.POSITIVE_INFINITY)
      const lasted = scheduler.now() - openedAt
      drops = delivered && lasted >= atOnce ? 1 : drops + 1
      if (drops > mostDrops) return fallBack(error, restAfterDrops)
      wait = (isApiError(error) ? askedToWait(error) : undefined) ?? backoff({ ...reconnect, random }, drops)
      // A connection that closes in good order mostly means that the job is over: told only when it is opened again.
      if (end === 'closed') reopening = () => link.dropped(undefined, 0)
      else link.dropped(error, wait)
    }

    const connected = (open: NonNullable<typeof live>): Batches<Ref> => {
      reopening?.()
      reopening = undefined
      openedAt = scheduler.now()
      return liveSession({
        live: withPace(open(ref), ready),
        reader,
        position,
        emit,
        scheduler,
        ready,
        silence,
        onOpen: () => link.succeeded(),
        onEnd,
      })
    }

    function betweenLooks(added: boolean): number {
      if (reader.costly) return Math.max(pause(added), costlyPause)
      return reader.hurried ? hurriedPause : pause(added)
    }

    const polled = (): Batches<Ref> => {
      let added = false
      return reader.look(false).pipe(
        tap({
          next: () => (added = true),
          complete: () => (wait = betweenLooks(added)),
        }),
      )
    }

    const drained = (): Batches<Ref> => {
      let added = false
      return defer(() => {
        added = false
        return reader.look(true).pipe(tap(() => (added = true)))
      }).pipe(
        repeat({
          delay: (looks) => {
            const pause = Math.min(drainPause * 2 ** (looks - 1), longestDrainPause)
            return added && !reader.exhausted ? timer(pause, scheduler) : EMPTY
          },
        }),
      )
    }

    const running = defer(() => (live !== undefined && scheduler.now() >= liveFrom ? connected(live) : polled()))
    const untilOver = running.pipe(repeat({ delay: () => timer(wait, scheduler) }), takeUntil(over))
    return concat(untilOver, defer(drained))
  })
}
