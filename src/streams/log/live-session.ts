import { Observable, type SchedulerLike, Subscription } from 'rxjs'
import type { LogEntry } from '../log-entry.ts'
import type { Emitter } from './emitter.ts'
import { dropOlder, lockOn } from './lock-on.ts'
import type { LogReader } from './log-reader.ts'
import type { Batches } from './log-reader-setup.ts'
import type { Position } from './position.ts'

/**
 * Why a live session ended. `failed`: the connection did. `silent`: the log grew and the connection did not tell.
 * `useless`: what it sends cannot be told from what was emitted.
 */
export type SessionEnd = 'closed' | 'failed' | 'silent' | 'useless'

/** What a live session works with. */
export interface LiveSetup<Ref> {
  readonly live: Observable<ReadonlyArray<LogEntry>>
  readonly reader: LogReader<Ref>
  readonly position: Position<Ref>
  readonly emit: Emitter<Ref>
  readonly scheduler: SchedulerLike
  /** Milliseconds without a sign of life after which the log is looked at. */
  readonly silence: number
  readonly onOpen: () => void
  /** Told why the session ends, whether the connection gave any line that was new, and how it failed. */
  readonly onEnd: (end: SessionEnd, delivered: boolean, error?: unknown) => void
}

// Beyond this many lines that wait, those that are old for certain are dropped.
const manyWaiting = 2_000

// Lines that wait for their place in the log; beyond this many the connection is not worth the memory and is opened anew.
const mostWaiting = 50_000

// Lines at one instant cannot be told apart; a little later there are others.
const lookAgain = 250

/**
 * One open connection: opened first, then the log is read up to its end, then the connection goes on from there, so that
 * nothing falls between the two.
 *
 * Completes when the connection is over, however it ended; fails only as reading the log does.
 */
export function liveSession<Ref>(setup: LiveSetup<Ref>): Batches<Ref> {
  const { live, reader, position, emit, scheduler, silence, onOpen, onEnd } = setup
  return new Observable((subscriber) => {
    let state: 'opening' | 'looking' | 'waiting' | 'locked' = 'opening'
    let waiting: Array<LogEntry> = []
    let delivered = false
    let ended: { readonly how: SessionEnd; readonly error?: unknown } | undefined
    let heard = scheduler.now()
    const tasks = new Subscription()
    subscriber.add(tasks)

    function finish(how: SessionEnd, error?: unknown): void {
      onEnd(how, delivered, error)
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
      tasks.add(
        reader.look(false).subscribe({
          next: (elements) => {
            added = true
            subscriber.next(elements)
          },
          error: (error: unknown) => subscriber.error(error),
          complete: done,
        }),
      )
    }

    let soon: Subscription | undefined
    function lookSoon(): void {
      soon ??= scheduler.schedule(() => {
        soon = undefined
        if (state === 'waiting') look(lock)
      }, lookAgain)
      tasks.add(soon)
    }

    function lock(): void {
      state = 'waiting'
      const place = lockOn(waiting, position)
      if (place === 'never') return finish('useless')
      if ((place === 'wait' || place === 'look') && waiting.length > mostWaiting) return finish('silent')
      if (place === 'look') lookSoon()
      if (place === 'newer') {
        if (!reader.atEnd && reader.repairs) return finish('useless')
        if (!reader.atEnd) subscriber.next(emit.gap('window', waiting[0]))
        goOn(0)
      }
      if (typeof place === 'number') goOn(place)
    }

    /** From here on what the connection gives is the log. */
    function goOn(place: number): void {
      const fresh = waiting.slice(place)
      waiting = []
      state = 'locked'
      give(fresh)
    }

    function checkSilence(): void {
      heard = scheduler.now()
      if (state === 'waiting') return look(lock)
      look((added) => (added ? finish('silent') : goOn(0)))
    }

    function receive(entries: ReadonlyArray<LogEntry>): void {
      heard = scheduler.now()
      if (state === 'opening') {
        onOpen()
        look(lock)
      }
      if (entries.length === 0) return
      if (state === 'locked') return give(entries)
      for (const entry of entries) waiting.push(entry)
      if (waiting.length > manyWaiting) waiting = dropOlder(waiting, position)
      if (state === 'waiting') lock()
    }

    /** The connection is over: at once, or when the log has been read that is being read. */
    function over(how: SessionEnd, error?: unknown): void {
      ended = { how, error }
      if (state !== 'looking') finish(how, error)
    }

    tasks.add(
      scheduler.schedule(function () {
        const left = heard + silence - scheduler.now()
        if (left <= 0 && (state === 'waiting' || state === 'locked')) checkSilence()
        this.schedule(undefined, left > 0 ? left : silence)
      }, silence),
    )
    subscriber.add(
      live.subscribe({
        next: receive,
        error: (error: unknown) => over('failed', error),
        complete: () => over('closed'),
      }),
    )
  })
}
