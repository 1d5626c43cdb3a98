import type { Observable } from 'rxjs'
import type { JobSource } from 'rxjobs'
import {
  type ConformanceCheck,
  ConformanceError,
  ConformanceSkipped,
  fakeJob,
  type FakeJob,
  type FakeOptions,
  type FakeStatus,
  jobSourceConformance,
  type StreamUnderTestOptions,
  streamConformance,
} from 'rxjobs/testing'

/** A job that queues, writes lines, loses a connection, is silent for a minute, and fails. */
export const marbles = "q 1s r 'one' 5s 'two' x 2s 'three' 2>'four' 1m 'five' f"

/** A text that the fake service never sends. */
export const secret = 'a-key-that-must-not-be-shown'

/** The marbles' job, and what the suite needs of its service. */
export const marbledJob = (options: FakeOptions = {}) => ({ ...fakeJob(marbles, options), secrets: [secret] })

type Fake = FakeJob<string, FakeStatus, string>

/** The result of a suite: the failed checks and the skipped ones, by number, with their messages. */
export interface Results {
  readonly broken: Readonly<Record<string, string>>
  readonly skipped: Readonly<Record<string, string>>
}

export async function resultsOf(checks: ReadonlyArray<ConformanceCheck>): Promise<Results> {
  const broken: Record<string, string> = {}
  const skipped: Record<string, string> = {}
  for (const { name, check } of checks) {
    const number = name.split(':', 1)[0] ?? ''
    await check().catch((error: unknown) => {
      if (error instanceof ConformanceError) broken[number] = error.message
      else if (error instanceof ConformanceSkipped) skipped[number] = error.message
      else throw error
    })
  }
  return { broken, skipped }
}

/** Makes a stream of a conforming source. */
export type Make = (fake: Fake, ref: string, options: StreamUnderTestOptions) => Observable<unknown>

type MakeSource = (fake: Fake) => JobSource<string, FakeStatus, unknown>

/** The suite of a source that is made from a conforming one. */
export const sourceChecks = (make: MakeSource, options: FakeOptions = {}): ReadonlyArray<ConformanceCheck> =>
  jobSourceConformance(() => {
    const fake = marbledJob(options)
    return Promise.resolve({ ...fake, source: make(fake) })
  })

/** The suite of a stream on a conforming source. */
export const streamChecks = (
  make: Make,
  { missingGrace = 0, ...options }: FakeOptions & { readonly missingGrace?: number } = {},
): ReadonlyArray<ConformanceCheck> =>
  streamConformance(() => {
    const fake = marbledJob(options)
    return Promise.resolve({ ...fake, missingGrace, stream: (ref: string, given) => make(fake, ref, given) })
  })

export const ofSource = (make: MakeSource, options: FakeOptions = {}): Promise<Results> =>
  resultsOf(sourceChecks(make, options))

export const ofStream = (make: Make, options: FakeOptions = {}): Promise<Results> =>
  resultsOf(streamChecks(make, options))
