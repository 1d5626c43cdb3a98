import { type Observable, type SchedulerLike, Subject } from 'rxjs'
import type { RequestDescription, RequestError } from '../core/index.ts'
import { isFinal, type Phase } from '../streams/index.ts'
import { parseMarbles, type Script, type ScriptedFault, type ScriptedLine } from './marbles.ts'

/** A job that follows a script by a scheduler. It sets no timer: its state is computed when it is read. */
export class ScriptedJob {
  readonly #scheduler: SchedulerLike
  readonly #begin: number
  readonly #used = new Set<ScriptedFault>()
  readonly #changed = new Subject<void>()
  #script: Script

  constructor(marbles: string, scheduler: SchedulerLike) {
    this.#scheduler = scheduler
    this.#begin = scheduler.now()
    this.#script = parseMarbles(marbles)
  }

  /** Milliseconds since its beginning. */
  get age(): number {
    return this.#scheduler.now() - this.#begin
  }

  /** Milliseconds from its beginning to the end of its script. */
  get length(): number {
    return Math.max(0, ...this.#times())
  }

  get phase(): Phase {
    return this.#script.phases.filter(({ at }) => at <= this.age).at(-1)?.phase ?? 'queued'
  }

  get over(): boolean {
    return isFinal(this.phase)
  }

  /** The lines that are written so far. */
  get lines(): ReadonlyArray<ScriptedLine> {
    return this.#script.lines.filter(({ at }) => at <= this.age)
  }

  /** Emits when the script was replaced: `untilNext` may have changed. */
  get changed(): Observable<void> {
    return this.#changed
  }

  /** Milliseconds until the next step of the script; undefined where there is none. */
  get untilNext(): number | undefined {
    const times = this.#times().filter((at) => at > this.age)
    return times.length === 0 ? undefined : Math.min(...times) - this.age
  }

  #times(): ReadonlyArray<number> {
    const { lines, faults, phases } = this.#script
    return [...lines, ...faults, ...phases].map(({ at }) => at)
  }

  /** The failure that is due, once: any for a request, one that breaks connections for an open one. */
  fault(request: RequestDescription, to: 'request' | 'connection'): RequestError | undefined {
    const { age } = this
    const due = this.#script.faults.find(
      (fault) => fault.at <= age && !this.#used.has(fault) && (fault.breaks || to === 'request'),
    )
    if (due === undefined) return undefined
    this.#used.add(due)
    return due.error(request)
  }

  /** From now on it follows other marbles; its past stays. A job that is over does not change. */
  continueWith(marbles: string): void {
    if (this.over) return
    const { age } = this
    const past = <A extends { readonly at: number }>(some: ReadonlyArray<A>): ReadonlyArray<A> =>
      some.filter(({ at }) => at <= age)
    const { phases, lines, faults } = parseMarbles(marbles, age)
    const before = this.#script
    this.#script = {
      phases: [...past(before.phases), ...phases],
      lines: [...past(before.lines), ...lines],
      faults: [...past(before.faults), ...faults],
    }
    this.#changed.next()
  }
}
