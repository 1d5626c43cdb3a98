import { Observable, of, type SchedulerLike, type Subscription } from 'rxjs'
import type { Asked } from '../../core/index.ts'
import type { JobLog, LogEntry } from '../../streams/index.ts'
import type { RequestKind } from '../law-setup.ts'
import type { Life } from './life.ts'

/** What a fake service's log offers: an open connection, only reading, or reading by count. */
export type FakeLogKind = 'live' | 'window' | 'counted'

/** Sends a request of a kind, which is answered so. */
export type Send<Ref> = <A>(kind: RequestKind | 'other', ref: Ref, answer: () => Observable<A>) => Observable<A>

const bare = ({ source, timestamp, data }: LogEntry): LogEntry => ({ source, timestamp, data })

/** The log of a life. */
export function fakeLog<Ref>(
  life: Life,
  kind: FakeLogKind,
  scheduler: SchedulerLike,
  askedFor: (ref: Ref) => Asked,
  send: Send<Ref>,
): JobLog<Ref> {
  const entries = (): ReadonlyArray<LogEntry> => life.lines.map(bare)
  const window = (ref: Ref, lines: number): Observable<ReadonlyArray<LogEntry>> =>
    send('log', ref, () => of(entries().slice(-lines)))
  switch (kind) {
    case 'window':
      return { window }
    case 'counted':
      return {
        window,
        since: (ref, next) => send('log', ref, () => of({ entries: entries().slice(next), next: entries().length })),
      }
    case 'live':
      return {
        window,
        live: (ref) => send('live', ref, () => connection(life, scheduler, askedFor(ref))),
        full: (ref) => send('log', ref, () => of(...entries().map(({ data }) => data))),
      }
  }
}

/** An open connection: what is there, then each line when it is written, until it breaks or the job is over. */
function connection(life: Life, scheduler: SchedulerLike, asked: Asked): Observable<ReadonlyArray<LogEntry>> {
  return new Observable((subscriber) => {
    let sent = 0
    let next: Subscription | undefined
    function tell(): void {
      const fresh = life.lines.slice(sent).map(bare)
      sent += fresh.length
      if (fresh.length > 0) subscriber.next(fresh)
      const broken = life.fault(asked, 'connection')
      if (broken !== undefined) return subscriber.error(broken)
      if (life.over) return subscriber.complete()
      const wait = life.untilNext
      next?.unsubscribe()
      next = wait === undefined ? undefined : scheduler.schedule(tell, wait)
    }
    subscriber.next([])
    subscriber.add(life.turned.subscribe(tell))
    subscriber.add(() => next?.unsubscribe())
    tell()
  })
}
