import { Observable, type SchedulerLike, Subscription } from 'rxjs'
import { boundTo } from '../../core/bound-to.ts'
import type { Ready } from '../../core/index.ts'
import type { LogEntry } from '../log-entry.ts'
import type { Emitter } from './emitter.ts'
import { Joining } from './joining.ts'
import type { LogReader } from './log-reader.ts'
import type { Batches } from './log-reader-setup.ts'
import type { Position } from './position.ts'
import { watchSilence } from './silence.ts'

/**
 * Why a live session ended. `failed`: the connection did. `silent`: the log and the connection do not show the same lines
 * in good time. `useless`: what it sends cannot be told from what was emitted.
 */
export type SessionEnd = 'closed' | 'failed' | 'silent' | 'useless'

/** What a live session works with. */
export interface LiveSetup<Ref> {
  readonly live: Observable<ReadonlyArray<LogEntry>>
  readonly reader: LogReader<Ref>
  readonly position: Position<Ref>
  readonly emit: Emitter<Ref>
  readonly scheduler: SchedulerLike
  /** While it says false the connection is held back by us, and its silence means nothing. */
  readonly ready: Ready
  /** Milliseconds without a sign of life after which the log is looked at. */
  readonly silence: number
  readonly onOpen: () => void
  /** Told why the session ends, whether the connection gave any line that was new, and how it failed. */
  readonly onEnd: (end: SessionEnd, delivered: boolean, error?: unknown) => void
}

// Milliseconds between two looks for the place of what the connection gave.
const betweenLooks = 250

/**
 * One open connection: opened first, then the log is read up to its end, then the connection goes on from there, so that
 * nothing falls between the two.
 *
 * Completes when the connection is over, however it ended; fails only as reading the log does.
 */
export function liveSession<Ref>(setup: LiveSetup<Ref>): Batches<Ref> {
  const { live, reader, position, emit, scheduler, ready, silence, onOpen, onEnd } = setup
  return new Observable((subscriber) => {
    let state: 'opening' | 'looking' | 'waiting' | 'locked' = 'opening'
    const joining = new Joining(position, reader)
    let delivered = false
    let lookedAt = Number.NEGATIVE_INFINITY
    let ended: { readonly how: SessionEnd; readonly error?: unknown } | undefined
    const tasks = new Subscription()
    subscriber.add(tasks)

    function finish(how: SessionEnd, error?: unknown): void {
      onEnd(how, delivered || joining.gaveNew, error)
      subscriber.complete()
    }

    /** Takes lines that the connection gave. */
    function give(entries: ReadonlyArray<LogEntry>): void {
      if (entries.length === 0) return
      delivered = true
      subscriber.next(emit.lines(entries))
    }

    /** Reads the log to its end; `then` is told whether that added anything. */
    function look(then: (added: boolean) => void): void {
      let added = false
      state = 'looking'
      const done = (): void => (ended === undefined ? then(added) : finish(ended.how, ended.error))
      reader
        .look(false)
        .pipe(boundTo(tasks))
        .subscribe({
          next: (elements) => {
            added = true
            subscriber.next(elements)
          },
          error: (error: unknown) => subscriber.error(error),
          complete: done,
        })
    }

    let soon: Subscription | undefined
    function lookAgain(): void {
      soon = undefined
      if (state !== 'waiting') return
      lookedAt = scheduler.now()
      look(joinAfterLook)
    }
    function lookSoon(): void {
      const wait = lookedAt + betweenLooks - scheduler.now()
      if (wait <= 0) return lookAgain()
      soon ??= scheduler.schedule(lookAgain, wait)
      tasks.add(soon)
    }

    const joinAfterLook = (added: boolean): void => join(added ? 'read more' : 'read')

    function join(why: Parameters<typeof joining.step>[0]): void {
      state = 'waiting'
      const step = joining.step(why)
      if (step._tag === 'look') lookSoon()
      else if (step._tag === 'join') {
        if (step.gap) subscriber.next(emit.gap('window', step.entries[0]))
        goOn(step.entries)
      } else if (step._tag !== 'wait') finish(step._tag)
    }

    /** From here on what the connection gives is the log. */
    function goOn(entries: ReadonlyArray<LogEntry>): void {
      state = 'locked'
      give(entries)
    }

    const quiet = watchSilence(silence, scheduler, ready, () => {
      if (state !== 'waiting' && state !== 'locked') return
      quiet.heard()
      const locked = state === 'locked'
      look((added) => (added ? finish('silent') : locked ? goOn(joining.release()) : join('read')))
    })
    tasks.add(quiet.subscription)

    function receive(entries: ReadonlyArray<LogEntry>): void {
      quiet.heard()
      if (state === 'opening') {
        onOpen()
        look(joinAfterLook)
      }
      if (entries.length === 0) return
      if (state === 'locked') return give(entries)
      joining.hold(entries)
      if (joining.tooMany) return finish('silent')
      if (state === 'waiting') join('arrived')
    }

    /** The connection is over: at once, or when the log has been read that is being read. */
    function over(how: SessionEnd, error?: unknown): void {
      ended = { how, error }
      if (state !== 'looking') finish(how, error)
    }

    live.pipe(boundTo(subscriber)).subscribe({
      next: receive,
      error: (error: unknown) => over('failed', error),
      complete: () => over('closed'),
    })
  })
}
