import {
  concat,
  catchError,
  ignoreElements,
  mergeMap,
  NEVER,
  Observable,
  of,
  Subject,
  take,
  tap,
  throwError,
  merge,
} from 'rxjs'
import { boundTo } from '../core/bound-to.ts'
import type { JobSource, Reading } from './job-source.ts'
import { Link } from './link.ts'
import { patienceOf } from './options.ts'
import { isFinal } from './phase.ts'
import { readings } from './readings.ts'
import type { WatchOptions } from './watch-options.ts'

/**
 * The readings of a job that is cancelled when `cancelWhen` says so, after which they go on to the end that this brings,
 * and with `cancelWhenLeft` when they are left before the job is over.
 */
export function supervised<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  ref: Ref,
  options: WatchOptions<Job, Ref>,
  nudge?: Observable<unknown>,
): Observable<Reading<Ref, Job>> {
  const { cancel } = source
  const { cancelWhen, cancelWhenLeft = false } = options
  if (cancel === undefined || (cancelWhen === undefined && !cancelWhenLeft)) {
    return readings(source, ref, options, nudge)
  }

  /** Emits once, when the service took the order. */
  function order(): Observable<true> {
    const link = new Link('cancel', patienceOf(source, ref, options))
    return link
      .once(() => concat(cancel?.(ref).pipe(ignoreElements()) ?? NEVER, of(true as const)))
      .pipe(
        catchError((error: unknown) => {
          link.fellBack(error, 0)
          return throwError(() => error)
        }),
      )
  }

  return new Observable((subscriber) => {
    const taken = new Subject<void>()
    let isOver = false
    // Nobody is there any more to be told but onConnection.
    if (cancelWhenLeft) subscriber.add(() => isOver || order().subscribe({ error: () => undefined }))
    cancelWhen?.pipe(take(1), mergeMap(order), boundTo(subscriber)).subscribe({
      next: () => taken.next(),
      error: (error: unknown) => subscriber.error(error),
    })
    if (subscriber.closed) return
    readings(source, ref, options, merge(nudge ?? NEVER, taken))
      .pipe(tap(({ phase }) => (isOver = isFinal(phase))))
      .subscribe(subscriber)
  })
}
