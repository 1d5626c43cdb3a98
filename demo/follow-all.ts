import { asyncScheduler, defer, finalize, map, merge, type Observable, reduce, tap } from 'rxjs'
import type { DemoJob, End, Told } from './jobs/told.ts'

/** What is told of which job, and when. */
export interface Moment {
  readonly name: string
  /** Milliseconds since the job began to be followed. */
  readonly at: number
  readonly told: Told
}

/** Where moments are shown. */
export interface Screen {
  readonly show: (moment: Moment) => void
  readonly close: () => void
}

/** How a job ended, for the closing table. */
export interface Ending {
  readonly name: string
  readonly at: number
  readonly end: End
  readonly why: ReadonlyArray<string>
}

/** Follows all jobs side by side, shows what is told of each, and emits at the end how each ended. */
export function followAll(jobs: ReadonlyArray<DemoJob>, screen: Screen): Observable<ReadonlyArray<Ending>> {
  const open = jobs.map(({ name }): Ending => ({ name, at: 0, end: 'lost', why: ['its stream ended before the job'] }))
  return merge(...jobs.map(moments)).pipe(
    tap((moment) => screen.show(moment)),
    reduce(withEnding, open),
    finalize(() => screen.close()),
  )
}

const moments = ({ name, told }: DemoJob): Observable<Moment> =>
  defer(() => {
    const began = asyncScheduler.now()
    return told.pipe(map((what) => ({ name, at: asyncScheduler.now() - began, told: what })))
  })

function withEnding(endings: ReadonlyArray<Ending>, { name, at, told }: Moment): ReadonlyArray<Ending> {
  if (told.kind !== 'end') return endings
  return endings.map((ending) => (ending.name === name ? { name, at, end: told.end, why: told.why } : ending))
}
