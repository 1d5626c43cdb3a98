import { concat, defer, EMPTY, filter, mergeMap, take, tap } from 'rxjs'
import type { JobLog } from '../job-log.ts'
import { FullReader } from './full-reader.ts'
import { type Batches, batch, type LogReaderSetup } from './log-reader-setup.ts'
import type { Then } from './verdict.ts'
import { defaultWidest, WindowPlan } from './window-plan.ts'

/** Reads a log from where a position stands to its end, and moves the position. */
export class LogReader<Ref> {
  readonly #setup: LogReaderSetup<Ref>
  readonly #plan: WindowPlan<Ref>
  readonly #full: FullReader<Ref>
  #next: number

  constructor(setup: LogReaderSetup<Ref>) {
    this.#setup = setup
    this.#plan = new WindowPlan(setup.position, setup.log.widest ?? defaultWidest)
    this.#full = new FullReader(setup)
    this.#next = setup.position.count
  }

  /** True when the log was read to its end for good, so that another look would only cost. */
  get exhausted(): boolean {
    return this.#full.exhausted
  }

  /** True where the log grows so fast that its window should be looked at again soon. */
  get hurried(): boolean {
    return this.#plan.hurried
  }

  /** True where polling gets at lines that no window shows. */
  get repairs(): boolean {
    return this.#full.usable
  }

  /** True while each look costs the whole log. */
  get costly(): boolean {
    return this.#setup.log.since === undefined && this.#plan.usedUp
  }

  /**
   * One look: emits what is new and completes. Waits until the consumer is ready for it.
   *
   * @param complete whether the log is no longer written
   */
  look(complete: boolean): Batches<Ref> {
    const { ready, log, link } = this.#setup
    return ready.pipe(
      filter(Boolean),
      take(1),
      mergeMap(() => {
        if (log.since !== undefined) return this.#counted(log.since)
        const lines = this.#plan.ask(link.scheduler.now(), complete)
        return lines === undefined ? this.#full.beyond(complete, 'window') : this.#window(lines, complete)
      }),
    )
  }

  /** A log that the service counts needs no comparing. */
  #counted(since: NonNullable<JobLog<Ref>['since']>): Batches<Ref> {
    const { ref, link, emit } = this.#setup
    const part = link.once(() => since(ref, this.#next))
    return part.pipe(
      tap(({ next }) => (this.#next = next)),
      mergeMap(({ entries }) => batch(emit.lines(entries))),
    )
  }

  #window(lines: number, complete: boolean): Batches<Ref> {
    const { log, ref, link, emit } = this.#setup
    return link
      .once(() => log.window(ref, lines))
      .pipe(
        mergeMap((window): Batches<Ref> => {
          const verdict = this.#plan.judge(window, lines)
          if (verdict._tag === 'Missing') return this.#full.leadTo(verdict, complete)
          return concat(
            batch(emit.lines(verdict.entries)),
            defer(() => this.#goOn(verdict.then, complete)),
          )
        }),
      )
  }

  #goOn(then: Then, complete: boolean): Batches<Ref> {
    switch (then._tag) {
      case 'end':
        return EMPTY
      case 'ask':
        return this.#window(then.lines, complete)
      case 'beyond':
        return this.#full.beyond(complete, 'window')
      case 'unsure':
        return complete ? this.#full.beyond(complete, 'ambiguous') : EMPTY
    }
  }
}
