import type { Setup } from './checks.ts'
import type { Law } from './law.ts'
import type { StreamLawSetup } from './law-setup.ts'
import { all } from './laws/all.ts'

/**
 * The ten laws as tests of a stream: of one job, on a service that the setup starts.
 *
 * Each check takes one to four fresh services, subscribes, lets time pass and compares what came with what the service
 * saw. What it knows of the elements is their `_tag`: `Status`, `Line`, `Gap`, `Settled`; others may be anything. A law whose
 * input is missing, or whose subject did not occur, rejects with LawSkipped: it has not passed. In virtual time a
 * check takes milliseconds; in real time as long as the job.
 *
 * @param setup gives a fresh service and the stream on it each time
 *
 * @example
 * ```ts
 * import { watchJob } from 'rxjobs'
 * import { fakeJob, streamLaws } from 'rxjobs/testing'
 *
 * const laws = streamLaws(async () => {
 *   const fake = fakeJob('q 1s r 30s x 30s s')
 *   return { ...fake, stream: (ref, options) => watchJob(fake.source, ref, options) }
 * })
 * for (const { check } of laws.slice(0, 3)) await check()
 * ```
 */
export function streamLaws<Ref>(setup: Setup<StreamLawSetup<Ref>>): ReadonlyArray<Law> {
  return all.map(({ name, ofStream }) => ({ name, check: () => ofStream(setup) }))
}
