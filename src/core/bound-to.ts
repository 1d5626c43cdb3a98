import { type MonoTypeOperatorFunction, Observable, type Subscription } from 'rxjs'

/**
 * Ends the subscription to a source together with another one, a source that emits while it is being subscribed to
 * among them.
 *
 * For Observables made by hand. What `subscribe` returns is not there yet while a synchronous source emits, so returning
 * it as the teardown comes too late: such a source, endless or not, would run on after the subscriber has left. The
 * inner subscriber is added to the outer one before the source begins, which is what rxjs's own operators do. It ends
 * in silence: the observer hears of no completion.
 */
export function boundTo<A>(outer: Subscription): MonoTypeOperatorFunction<A> {
  return (source) =>
    new Observable((inner) => {
      outer.add(inner)
      return inner.closed ? undefined : source.subscribe(inner)
    })
}
