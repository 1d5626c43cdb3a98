import { followJob } from '../streams/index.ts'
import { type ConformanceCheck, ConformanceSkipped } from './conformance-types.ts'
import {
  endsWithTheJob,
  failsWithApiErrors,
  tellsLostLines,
  tellsNoMore,
  waitsOutFailures,
} from './element-guarantees.ts'
import {
  abortsOnUnsubscribe,
  type Guarantee,
  isCold,
  postsOnce,
  readsOneAtATime,
  waitsByTheScheduler,
} from './request-guarantees.ts'
import type { Setup, SourceUnderTest, StreamUnderTest } from './conformance-types.ts'

const guarantees: ReadonlyArray<Guarantee> = [
  isCold,
  readsOneAtATime,
  abortsOnUnsubscribe,
  endsWithTheJob,
  waitsOutFailures,
  postsOnce,
  waitsByTheScheduler,
  failsWithApiErrors,
  tellsLostLines,
  tellsNoMore,
]

interface Closable {
  readonly close: () => Promise<void> | void
}

/** One part of a check, on a service that is closed afterwards. */
const part =
  <S extends Closable>(setup: Setup<S>, run: (service: S) => Promise<void>) =>
  async (): Promise<void> => {
    const service = await setup()
    try {
      await run(service)
    } finally {
      await service.close()
    }
  }

/** Runs all parts of a check. A failure of a later one comes before a skip of an earlier one. */
async function runAll(parts: ReadonlyArray<() => Promise<void>>): Promise<void> {
  let skipped: ConformanceSkipped | undefined
  for (const run of parts) {
    await run().catch((error: unknown) => {
      if (!(error instanceof ConformanceSkipped)) throw error
      skipped ??= error
    })
  }
  if (skipped !== undefined) throw skipped
}

/**
 * The conformance suite for a stream: the guarantees G1 to G10, each as a check of one stream of one job, on a service that the
 * setup starts.
 *
 * Each check takes one to four new services, subscribes, lets time pass and compares what came with what the service saw. Of the
 * elements it knows those with the `_tag` `Status`, `Line`, `Gap` and `Settled`; others may be anything. A check whose input is
 * missing, or whose case did not occur, rejects with ConformanceSkipped: it has not passed. In virtual time a check takes
 * milliseconds, in real time as long as the job.
 *
 * @param setup gives a new service and the stream on it each time
 *
 * @example
 * ```ts
 * import { watchJob } from 'rxjobs'
 * import { fakeJob, streamConformance } from 'rxjobs/testing'
 *
 * const checks = streamConformance(async () => {
 *   const fake = fakeJob('q 1s r 30s x 30s s')
 *   return { ...fake, stream: (ref, options) => watchJob(fake.source, ref, options) }
 * })
 * for (const { check } of checks.slice(0, 3)) await check()
 * ```
 */
export function streamConformance<Ref>(setup: Setup<StreamUnderTest<Ref>>): ReadonlyArray<ConformanceCheck> {
  return guarantees.map(({ name, ofStream }) => ({
    name,
    check: () => runAll(ofStream.map((run) => part(setup, run))),
  }))
}

/**
 * The conformance suite for a JobSource: the guarantees G1 to G10 of its methods, and of `followJob` on it.
 *
 * @param setup gives a new service and the source for it each time
 *
 * @example
 * ```ts
 * import { fakeJob, jobSourceConformance } from 'rxjobs/testing'
 *
 * const checks = jobSourceConformance(async () => fakeJob("q 1s r 'one' 5s x 2s 'two' 1m s"))
 * const results: Array<string> = []
 * for (const { check } of checks) await check().then(() => results.push('holds'), (error) => results.push(String(error)))
 * new Set(results) // => new Set(['holds', 'ConformanceSkipped: no `secrets` were given'])
 * ```
 */
export function jobSourceConformance<Ref, Job, Failure, Submitted>(
  setup: Setup<SourceUnderTest<Ref, Job, Failure, Submitted>>,
): ReadonlyArray<ConformanceCheck> {
  const followed = async (): Promise<StreamUnderTest<Ref>> => {
    const { pollInterval, ...service } = await setup()
    const polled = pollInterval === undefined ? {} : { pollInterval }
    return { ...service, stream: (ref, options) => followJob(service.source, ref, { ...options, ...polled }) }
  }
  return guarantees.map(({ name, ofStream, ofSource }) => ({
    name,
    check: () =>
      runAll([
        ...(ofSource === undefined ? [] : [part(setup, ofSource)]),
        ...ofStream.map((run) => part(followed, run)),
      ]),
  }))
}

/** The `test` of vitest and of node:test, as far as it is used. */
export type TestFunction = (
  name: string,
  body: (context: { readonly skip: (reason: string) => unknown }) => Promise<void>,
) => unknown

/**
 * Registers checks with a test framework, one test each: pass the `test` of vitest or of node:test. A check that could not be made is a
 * skipped test with its reason. With another framework call `check` yourself.
 *
 * @example
 * ```ts
 * import { test } from 'node:test'
 * import { fakeJob, jobSourceConformance, testConformance } from 'rxjobs/testing'
 *
 * const register = () => testConformance(test, jobSourceConformance(async () => fakeJob("q 1s r 'one' 1m f")))
 * ```
 */
export function testConformance(test: TestFunction, checks: ReadonlyArray<ConformanceCheck>): void {
  for (const { name, check } of checks) {
    test(name, async (context) => {
      try {
        await check()
      } catch (error) {
        if (!(error instanceof ConformanceSkipped)) throw error
        context.skip(error.message)
      }
    })
  }
}
