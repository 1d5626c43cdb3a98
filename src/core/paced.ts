import { NEVER, Observable, type Operator, startWith } from 'rxjs'

/** Emits whether the consumer wants more: the current state on subscribe, then each change. */
export type Ready = Observable<boolean>

/** A consumer that always wants more. */
export const alwaysReady: Ready = NEVER.pipe(startWith(true))

/**
 * An Observable whose source can be held back.
 *
 * Subscribed to like any other it runs at full speed; `toAsyncIterable` holds it back. `source.at(ready)` runs it so that it
 * stops reading its connection while `ready` says false; what was read already still comes. Operators that only transform what passes
 * keep the ability: `pipe` on a Paced gives a Paced.
 */
export class Paced<A> extends Observable<A> {
  readonly #run: (ready: Ready) => Observable<A>

  constructor(run: (ready: Ready) => Observable<A>) {
    super((subscriber) => run(alwaysReady).subscribe(subscriber))
    this.#run = run
  }

  /** The same stream under the given pace. */
  at(ready: Ready): Observable<A> {
    return this.#run(ready)
  }

  /**
   * Where rxjs 7 applies an operator; with an rxjs that no longer asks, a piped stream is merely not paced. rxjs's
   * `publish` and `multicast` put this very method on streams of theirs, which have no pace.
   */
  override lift<B>(operator?: Operator<A, B>): Observable<B> {
    if (!isPaced(this)) return super.lift(operator)
    return paced((ready) => {
      const lifted = new Observable<B>()
      lifted.source = this.at(ready)
      lifted.operator = operator
      return lifted
    })
  }
}

// A class that names itself is called by another name in a bundle, and so in what is inspected and in stacks.
const isPaced = <A>(source: Observable<A>): source is Paced<A> => source instanceof Paced
const paced = <A>(run: (ready: Ready) => Observable<A>): Paced<A> => new Paced(run)

/** Runs a stream under the given pace where it can be paced, else as it is. */
export function withPace<A>(source: Observable<A>, ready: Ready): Observable<A> {
  return isPaced(source) ? source.at(ready) : source
}
