import { Observable } from 'rxjs'
import type { RequestKind } from '../law-setup.ts'

/** Counts the requests that a service has open. */
export class Traffic {
  readonly #open: Array<RequestKind> = []
  readonly #most = new Map<RequestKind | undefined, number>()

  /** A request counts from its subscription to its answer, an open connection until it is closed. */
  count<A>(kind: RequestKind, request: Observable<A>): Observable<A> {
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

  #enter(kind: RequestKind): () => void {
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

  inFlight(kind?: RequestKind): number {
    return kind === undefined ? this.#open.length : this.#open.filter((open) => open === kind).length
  }

  mostInFlight(kind?: RequestKind): number {
    return this.#most.get(kind) ?? 0
  }
}
