import { type Observable, type SchedulerLike, Subject } from 'rxjs'
import type { ApiError, Asked } from '../../core/index.ts'
import { isFinal, type Phase } from '../../streams/index.ts'
import { parseScript, type Script, type ScriptedFault, type ScriptedLine } from './script.ts'

/** A job that lives by a script and a clock. It sets no timer: what is so is found when somebody asks. */
export class Life {
  readonly #scheduler: SchedulerLike
  readonly #begun: number
  readonly #met = new Set<ScriptedFault>()
  readonly #turned = new Subject<void>()
  #script: Script

  constructor(marbles: string, scheduler: SchedulerLike) {
    this.#scheduler = scheduler
    this.#begun = scheduler.now()
    this.#script = parseScript(marbles)
  }

  /** Milliseconds since it began. */
  get age(): number {
    return this.#scheduler.now() - this.#begun
  }

  /** Milliseconds from its beginning to the last thing that its script says. */
  get length(): number {
    const { lines, faults, phases } = this.#script
    return Math.max(0, ...[...lines, ...faults, ...phases].map(({ at }) => at))
  }

  get phase(): Phase {
    return this.#script.phases.filter(({ at }) => at <= this.age).at(-1)?.phase ?? 'queued'
  }

  get over(): boolean {
    return isFinal(this.phase)
  }

  /** The lines that are written by now. */
  get lines(): ReadonlyArray<ScriptedLine> {
    return this.#script.lines.filter(({ at }) => at <= this.age)
  }

  /** Emits when the script was replaced, so that what was told of the future no longer holds. */
  get turned(): Observable<void> {
    return this.#turned
  }

  /** Milliseconds until the script goes on; undefined when it does not. */
  get untilNext(): number | undefined {
    const { lines, faults, phases } = this.#script
    const times = [...lines, ...faults, ...phases].map(({ at }) => at).filter((at) => at > this.age)
    return times.length === 0 ? undefined : Math.min(...times) - this.age
  }

  /** The failure that is due, once: any for a request, one that breaks it for an open connection. */
  fault(asked: Asked, to: 'request' | 'connection'): ApiError | undefined {
    const { age } = this
    const due = this.#script.faults.find(
      (fault) => fault.at <= age && !this.#met.has(fault) && (fault.breaks || to === 'request'),
    )
    if (due === undefined) return undefined
    this.#met.add(due)
    return due.error(asked)
  }

  /** From now on it lives by other marbles; what was stays. A job that is over stays so. */
  turn(marbles: string): void {
    if (this.over) return
    const { age } = this
    const was = <A extends { readonly at: number }>(some: ReadonlyArray<A>): ReadonlyArray<A> =>
      some.filter(({ at }) => at <= age)
    const { phases, lines, faults } = parseScript(marbles, age)
    const before = this.#script
    this.#script = {
      phases: [...was(before.phases), ...phases],
      lines: [...was(before.lines), ...lines],
      faults: [...was(before.faults), ...faults],
    }
    this.#turned.next()
  }
}
