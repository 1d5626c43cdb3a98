import { defer, Observable } from 'rxjs'
import { Paced, withPace } from '../../core/index.ts'
import { leastWeight, type Turn } from './turns.ts'
import type { Pool } from './pool.ts'

/** A request that comes once, in its turn: a log read, a cancel. */
class Call implements Turn {
  due = 0
  tag = 0
  order = 0
  place = -1
  readonly requests: number
  readonly go: () => void

  constructor(requests: number, go: () => void) {
    this.requests = requests
    this.go = go
  }
}

/** What the source does, when its turn has come; paced as before. Leaving gives the turn back. */
export function inTurn<Ref, Job, A>(
  pool: Pool<Ref, Job>,
  run: () => Observable<A>,
  requests = 1,
  sent: (value: A) => number = () => requests,
): Observable<A> {
  const { agenda } = pool
  return new Paced((ready) => {
    const request = defer(() => withPace(run(), ready))
    return new Observable((subscriber) => {
      const call = new Call(requests, () => {
        subscriber.add(agenda.run(requests, request, sent).subscribe(subscriber))
      })
      pool.enter()
      subscriber.add(() => {
        agenda.drop(call)
        pool.leave()
      })
      agenda.at(call, agenda.now, leastWeight)
    })
  })
}
