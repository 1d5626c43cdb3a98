import { Observable, type Observer, type Subscription } from 'rxjs'

/** Whether the consumer wants more: the current state on subscribe, then each change. */
export type Demand = Observable<boolean>

/** The demand of a consumer that always wants more. */
export const unlimited: Demand = /* @__PURE__ */ new Observable<boolean>((subscriber) => subscriber.next(true))

/**
 * An Observable whose connection can be held back.
 *
 * Subscribed to as any other it runs at full speed. {@link withDemand} runs it so that it stops reading its connection while
 * the demand is false; what was read before still comes. After `pipe` it is an ordinary Observable.
 */
export class BackpressuredObservable<A> extends Observable<A> {
  /** The same stream under a demand. */
  readonly connect: (demand: Demand) => Observable<A>

  constructor(connect: (demand: Demand) => Observable<A>) {
    super((subscriber) => connect(unlimited).subscribe(subscriber))
    this.connect = connect
  }
}

const isBackpressured = <A>(source: Observable<A>): source is BackpressuredObservable<A> =>
  source instanceof BackpressuredObservable

/**
 * Connects a {@link BackpressuredObservable} with that demand; any other source is returned as it is.
 *
 * @example
 * ```ts
 * import { Subject } from 'rxjs'
 * import { BackpressuredObservable, withDemand } from 'rxjobs/core'
 *
 * const demands = new BackpressuredObservable((demand) => demand)
 * const demand = new Subject<boolean>()
 * const seen: Array<boolean> = []
 * withDemand(demands, demand).subscribe((isWanted) => seen.push(isWanted))
 * demand.next(false)
 * seen // => [false]
 * ```
 */
export const withDemand = <A>(source: Observable<A>, demand: Demand): Observable<A> =>
  isBackpressured(source) ? source.connect(demand) : source

/**
 * Subscribes to a source for as long as `outer` lasts. For Observables made by hand: a source that emits synchronously, without
 * end perhaps, stops when `outer` is unsubscribed from in the middle, because the inner subscription is added before it begins.
 *
 * @param source or a function that gives it; what that throws is an error of the source
 */
export const subscribeInto = <A>(
  outer: Subscription,
  source: Observable<A> | (() => Observable<A>),
  observer: Partial<Observer<A>>,
): Subscription =>
  new Observable<A>((inner) => {
    outer.add(inner)
    if (inner.closed) return undefined
    return (typeof source === 'function' ? source() : source).subscribe(inner)
  }).subscribe(observer)
