import {
  catchError,
  concat,
  EMPTY,
  ignoreElements,
  merge,
  mergeMap,
  NEVER,
  Observable,
  of,
  Subject,
  take,
  tap,
  throwError,
} from 'rxjs'
import { subscribeInto } from '../core/index.ts'
import { ConnectionState, type ConnectionSetup } from './connection.ts'
import { isFinal, type JobSnapshot, type JobSource, type WatchOptions } from './types.ts'

/** What {@link withCancellation} works with. */
export interface Cancellation<Ref, Job> {
  readonly source: Pick<JobSource<Ref, Job, unknown, never>, 'cancel'>
  readonly ref: Ref
  readonly options: Pick<WatchOptions<Ref, Job>, 'cancelOn' | 'cancelOnUnsubscribe'>
  readonly connections: () => ConnectionSetup
}

/** Asks for the cancellation until the service accepts it; emits then. */
function cancelled<Ref, Job>({ source, ref, connections }: Cancellation<Ref, Job>): Observable<true> {
  const connection = new ConnectionState('cancel', connections())
  const attempt = (): Observable<true> => concat((source.cancel?.(ref) ?? EMPTY).pipe(ignoreElements()), of<true>(true))
  return connection.once(attempt).pipe(
    catchError((error: unknown) => {
      connection.fellBack(0, error)
      return throwError(() => error)
    }),
  )
}

/**
 * The snapshots of a job that is cancelled when `cancelOn` emits, after which they go on to the end that this brings; and with
 * `cancelOnUnsubscribe` when they are unsubscribed from before the job is over.
 *
 * @param watch the snapshots; its Observable asks for a read at once
 */
export function withCancellation<Ref, Job>(
  setup: Cancellation<Ref, Job>,
  watch: (pollNow?: Observable<unknown>) => Observable<JobSnapshot<Job>>,
  pollNow?: Observable<unknown>,
): Observable<JobSnapshot<Job>> {
  const { cancelOn, cancelOnUnsubscribe = false } = setup.options
  if (cancelOn === undefined && !cancelOnUnsubscribe) return watch(pollNow)
  return new Observable((subscriber) => {
    const accepted = new Subject<void>()
    let isOver = false
    // It outlives the stream: only onConnection learns how it goes.
    if (cancelOnUnsubscribe) subscriber.add(() => isOver || cancelled(setup).subscribe({ error: () => undefined }))
    if (cancelOn !== undefined) {
      subscribeInto(
        subscriber,
        cancelOn.pipe(
          take(1),
          mergeMap(() => cancelled(setup)),
        ),
        {
          next: () => accepted.next(),
          error: (error: unknown) => subscriber.error(error),
        },
      )
    }
    if (subscriber.closed) return
    watch(merge(pollNow ?? NEVER, accepted))
      .pipe(tap(({ phase }) => (isOver = isFinal(phase))))
      .subscribe(subscriber)
  })
}
