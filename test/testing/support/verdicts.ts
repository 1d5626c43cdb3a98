import type { Observable } from 'rxjs'
import type { JobSource } from 'rxjobs'
import {
  fakeJob,
  type FakeJob,
  type FakeOptions,
  type FakeStatus,
  jobSourceLaws,
  type Law,
  LawBroken,
  LawSkipped,
  type StreamLawOptions,
  streamLaws,
} from 'rxjobs/testing'

/** A job that queues, writes lines, loses a connection, says nothing new for a while, and fails. */
export const marbles = "q 1s r 'one' 5s 'two' x 2s 'three' 2>'four' 1m 'five' f"

/** What the fake service would not have shown. */
export const secret = 'a-key-that-nobody-may-see'

/** The marbles' job, and what the laws ask of its service. */
export const marbledJob = (options: FakeOptions = {}) => ({ ...fakeJob(marbles, options), secrets: [secret] })

type Fake = FakeJob<string, FakeStatus, string>

/** What the laws say: which are broken, and why; which were not judged, and why. */
export interface Verdicts {
  readonly broken: Readonly<Record<string, string>>
  readonly skipped: Readonly<Record<string, string>>
}

/** The number of a law, as it begins its name. */
const numberOf = ({ name }: Law): string => name.split(':', 1)[0] ?? ''

export async function verdictsOf(laws: ReadonlyArray<Law>): Promise<Verdicts> {
  const broken: Record<string, string> = {}
  const skipped: Record<string, string> = {}
  for (const law of laws) {
    await law.check().catch((error: unknown) => {
      if (error instanceof LawBroken) broken[numberOf(law)] = error.message
      else if (error instanceof LawSkipped) skipped[numberOf(law)] = error.message
      else throw error
    })
  }
  return { broken, skipped }
}

/** Makes a stream of a good source. */
export type Make = (fake: Fake, ref: string, options: StreamLawOptions) => Observable<unknown>

type MakeSource = (fake: Fake) => JobSource<string, FakeStatus, unknown>

/** The laws of a source that is made from a good one. */
export const sourceLawsOf = (make: MakeSource, options: FakeOptions = {}): ReadonlyArray<Law> =>
  jobSourceLaws(() => {
    const fake = marbledJob(options)
    return Promise.resolve({ ...fake, source: make(fake) })
  })

/** The laws of a stream on a good source. */
export const streamLawsOf = (make: Make, options: FakeOptions = {}): ReadonlyArray<Law> =>
  streamLaws(() => {
    const fake = marbledJob(options)
    return Promise.resolve({ ...fake, stream: (ref: string, given) => make(fake, ref, given) })
  })

/** What the laws say of a source that is made from a good one. */
export const ofSource = (make: MakeSource, options: FakeOptions = {}): Promise<Verdicts> =>
  verdictsOf(sourceLawsOf(make, options))

/** What the laws say of a stream on a good source. */
export const ofStream = (make: Make, options: FakeOptions = {}): Promise<Verdicts> =>
  verdictsOf(streamLawsOf(make, options))
