import { map, type Observable, timer, type VirtualTimeScheduler } from 'rxjs'
import type { JobList, JobSource, Phase, Reading } from 'rxjobs'

/** A job of a simulated service: when it begins and when it ends, in milliseconds. */
export interface Life {
  readonly begins: number
  readonly ends: number
}

/** Numbers from 0 up to 1, the same ones for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

type Simulated = JobSource<number, string, string>

/** A simulated service with those jobs, its references their indices, and the times of the requests that it got. */
export interface Service {
  readonly source: Simulated
  readonly times: ReadonlyArray<number>
}

/**
 * A service in virtual time. Its last look at a job costs two requests, as those of both real services may.
 *
 * @param rows how many jobs that run its list shows at most; no list without it
 */
export function service(
  scheduler: VirtualTimeScheduler,
  lives: ReadonlyArray<Life>,
  latency: number,
  rows?: number,
): Service {
  const times: Array<number> = []
  const phaseOf = (id: number): Phase => ((lives[id]?.ends ?? 0) <= scheduler.now() ? 'succeeded' : 'running')
  const reading = (ref: number, phase: Phase): Reading<number, string> => ({ ref, job: phase, phase })
  function asked<A>(answer: () => A): Observable<A> {
    times.push(scheduler.now())
    return timer(latency, scheduler).pipe(map(answer))
  }
  const list: JobList<number, string> = {
    scopeOf: () => ({ _tag: 'Some', value: 'running' }),
    read: (_, refs) =>
      asked(() =>
        refs
          .filter((ref) => phaseOf(ref) === 'running')
          .slice(0, rows)
          .map((ref) => reading(ref, 'running')),
      ),
  }
  const source: Simulated = {
    status: (ref) =>
      asked(() => {
        const phase = phaseOf(ref)
        if (phase === 'succeeded') times.push(scheduler.now())
        return reading(ref, phase)
      }),
    refOf: (ref) => ({ _tag: 'Some', value: ref }),
    keyOf: String,
    failure: () => asked(() => ({ _tag: 'None' })),
    requests: 2,
    scheduler,
    ...(rows === undefined ? {} : { list }),
  }
  return { source, times }
}

/** The most that fall into one minute, wherever it begins. */
export function mostInMinute(times: ReadonlyArray<number>): number {
  const sorted = Float64Array.from(times).sort()
  let from = 0
  return sorted.reduce((most, time, index) => {
    while ((sorted[from] ?? time) <= time - 60_000) from++
    return Math.max(most, index - from + 1)
  }, 0)
}

/** The value below which that part of the values lies. */
export function quantile(values: ReadonlyArray<number>, part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN
}

export const mean = (values: ReadonlyArray<number>): number => values.reduce((sum, one) => sum + one, 0) / values.length
