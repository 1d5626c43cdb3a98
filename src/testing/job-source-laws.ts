import { followJob } from '../streams/index.ts'
import type { Setup } from './checks.ts'
import { type Law, LawSkipped } from './law.ts'
import type { LawSetup, StreamLawSetup } from './law-setup.ts'
import { all } from './laws/all.ts'

/** Both halves of a law: one that is broken speaks before one that was skipped. */
async function both(...halves: ReadonlyArray<() => Promise<void>>): Promise<void> {
  let skipped: LawSkipped | undefined
  for (const half of halves) {
    await half().catch((error: unknown) => {
      if (!(error instanceof LawSkipped)) throw error
      skipped ??= error
    })
  }
  if (skipped !== undefined) throw skipped
}

/**
 * The ten laws as tests of a {@link JobSource}: of its methods, and of what `followJob` makes of them.
 *
 * @param setup gives a fresh service and the source for it each time
 *
 * @example
 * ```ts
 * import { fakeJob, jobSourceLaws } from 'rxjobs/testing'
 *
 * const laws = jobSourceLaws(async () => fakeJob("q 1s r 'one' 5s x 2s 'two' 1m s"))
 * const verdicts: Array<string> = []
 * for (const { check } of laws) await check().then(() => verdicts.push('holds'), (error) => verdicts.push(String(error)))
 * new Set(verdicts) // => new Set(['holds', 'LawSkipped: no `secrets` were given'])
 * ```
 */
export function jobSourceLaws<Ref, Job, Failure, Submitted>(
  setup: Setup<LawSetup<Ref, Job, Failure, Submitted>>,
): ReadonlyArray<Law> {
  const followed = async (): Promise<StreamLawSetup<Ref>> => {
    const { cadence, ...service } = await setup()
    const paced = cadence === undefined ? {} : { cadence }
    return { ...service, stream: (ref, options) => followJob(service.source, ref, { ...options, ...paced }) }
  }
  return all.map(({ name, ofStream, ofSource }) => ({
    name,
    check: () => both(...(ofSource === undefined ? [] : [() => ofSource(setup)]), () => ofStream(followed)),
  }))
}
