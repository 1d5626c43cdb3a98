import { DecodeError, pooled, thenFetchErrors, thenWatch } from 'rxjobs'
import { type Genesys, submitOnce } from 'rxjobs/genesys'
import {
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  mergeMap,
  type Observable,
  range,
  tap,
  timer,
  toArray,
} from 'rxjs'
import { failed, nameOf, type Soak } from './soak.ts'

/** How each accelerator ends. */
export const ends: ReadonlyArray<readonly [acceleratorId: string, status: string]> = [
  ['quick-wrapup-code', 'Complete'],
  ['twin-queues', 'RollbackComplete'],
  ['locked-division', 'RollbackFailed'],
  ['broken-module', 'InternalError'],
]

/** So many jobs at a time are submitted and watched in one pool; each ends once, as it must. */
export function submit(soak: Soak, place: string, cx: Genesys, atATime: number): Observable<never> {
  const { scheduler, now, random, until } = soak
  const jobs = pooled(cx.jobs, { requestsPerMinute: 200, scheduler, random })
  const slot = (at: number, turn: number): Observable<never> =>
    defer(() => {
      if (now() >= until) return EMPTY
      const pause = timer(random() * 20_000, scheduler).pipe(ignoreElements())
      return concat(pause, submitOne(soak, `${place}, ${at}.${turn}`, cx, jobs, at + turn), slot(at, turn + 1))
    })
  return range(0, atATime).pipe(mergeMap((at) => slot(at, 0)))
}

function submitOne(soak: Soak, where: string, cx: Genesys, jobs: Genesys['jobs'], turn: number): Observable<never> {
  const { scheduler, random, tally, open } = soak
  const [acceleratorId = '', wanted] = ends[turn % ends.length] ?? []
  let isSent = true
  // A call is not repeated where an answer does not fit. Here it is the read of the history before the POST.
  const unsent = (error: unknown): Observable<never> => {
    if (!(error instanceof DecodeError) || error.method !== 'GET') throw error
    isSent = false
    tally.add('jobs', 'Genesys: not submitted, because an answer did not fit')
    return EMPTY
  }
  return defer(() => {
    open.add(where)
    return submitOnce(cx, { acceleratorId }).pipe(catchError(unsent))
  }).pipe(
    thenWatch(jobs, {
      onConnection: ({ channel, state, error }) => {
        tally.add('connections', `pool: ${channel} ${state}`)
        if (error) tally.add('errors that passed', nameOf(error))
      },
    }),
    thenFetchErrors(jobs, { scheduler, random }),
    toArray(),
    tap((outcomes) => {
      if (!isSent) return
      for (const { job } of outcomes) tally.add('jobs', `Genesys: ${job.status}`)
      const ended = outcomes.map(({ job }) => job.status).join()
      if (ended !== wanted) tally.fail(`${where}: ${acceleratorId} ended as "${ended}", not as ${wanted}`)
    }),
    catchError((error: unknown) => failed(soak, where, error)),
    finalize(() => open.delete(where)),
    ignoreElements(),
  )
}
