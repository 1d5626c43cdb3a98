import { Observable } from 'rxjs'
import type { RequestKind } from '../law-setup.ts'

/** What is neither a look nor a read of the log, such as a cancel, is of no kind and counts in all. */
type AnyKind = RequestKind | 'other'

/** Counts the requests that a service has open. */
export class Traffic {
  readonly #open: Array<AnyKind> = []
  readonly #most = new Map<AnyKind | undefined, number>()

  /** A request counts from its subscription to its answer, an open connection until it is closed. */
  count<A>(kind: AnyKind, request: Observable<A>): Observable<A> {
    return new Observable((subscriber) => {
      const leave = this.#enter(kind)
      subscriber.add(leave)
      subscriber.add(
        request.subscribe({
          next: (value) => {
            if (kind !== 'live') leave()
            subscriber.next(value)
          },
          error: (error: unknown) => {
            leave()
            subscriber.error(error)
          },
          complete: () => {
            leave()
            subscriber.complete()
          },
        }),
      )
    })
  }

  #enter(kind: AnyKind): () => void {
    this.#open.push(kind)
    for (const some of [kind, undefined]) {
      this.#most.set(some, Math.max(this.mostInFlight(some), this.inFlight(some)))
    }
    let open = true
    return () => {
      if (open) this.#open.splice(this.#open.indexOf(kind), 1)
      open = false
    }
  }

  inFlight(kind?: AnyKind): number {
    return kind === undefined ? this.#open.length : this.#open.filter((open) => open === kind).length
  }

  mostInFlight(kind?: AnyKind): number {
    return this.#most.get(kind) ?? 0
  }
}
