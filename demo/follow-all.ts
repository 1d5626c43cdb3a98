import { asyncScheduler, defer, finalize, map, merge, type Observable, reduce, tap } from 'rxjs'
import type { DemoJob, End, Update } from './updates.ts'

/** An update of a job, and when it came. */
export interface TimedUpdate {
  readonly name: string
  /** Milliseconds since the job began to be followed. */
  readonly at: number
  readonly update: Update
}

/** Where updates are shown. */
export interface Screen {
  readonly show: (update: TimedUpdate) => void
  readonly close: () => void
}

/** How a job ended, for the closing table. */
export interface Ending {
  readonly name: string
  readonly at: number
  readonly end: End
  readonly reasons: ReadonlyArray<string>
}

/** Follows all jobs side by side, shows their updates, and emits at the end how each ended. */
export function followAll(jobs: ReadonlyArray<DemoJob>, screen: Screen): Observable<ReadonlyArray<Ending>> {
  const none = jobs.map(
    ({ name }): Ending => ({ name, at: 0, end: 'lost', reasons: ['its stream ended before the job'] }),
  )
  return merge(...jobs.map(timed)).pipe(
    tap((update) => screen.show(update)),
    reduce(withEnding, none),
    finalize(() => screen.close()),
  )
}

const timed = ({ name, updates }: DemoJob): Observable<TimedUpdate> =>
  defer(() => {
    const began = asyncScheduler.now()
    return updates.pipe(map((update) => ({ name, at: asyncScheduler.now() - began, update })))
  })

function withEnding(endings: ReadonlyArray<Ending>, { name, at, update }: TimedUpdate): ReadonlyArray<Ending> {
  if (update.kind !== 'end') return endings
  const { end, reasons } = update
  return endings.map((ending) => (ending.name === name ? { name, at, end, reasons } : ending))
}
