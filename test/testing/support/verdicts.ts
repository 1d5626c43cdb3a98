import type { Observable } from 'rxjs'
import type { JobSource, TailOptions } from 'rxjobs'
import {
  fakeJob,
  type FakeJob,
  type FakeOptions,
  type FakeStatus,
  jobSourceLaws,
  type Law,
  LawBroken,
  LawSkipped,
  streamLaws,
} from 'rxjobs/testing'

/** A job that queues, writes lines, loses a connection, says nothing new for a while, and fails. */
export const marbles = "q 1s r 'one' 5s 'two' x 2s 'three' 2>'four' 1m 'five' f"

/** What the fake service would not have shown. */
export const secret = 'a-key-that-nobody-may-see'

type Fake = FakeJob<string, FakeStatus, string>

/** What the laws say: which are broken, and why; which were not judged. */
export interface Verdicts {
  readonly broken: Readonly<Record<string, string>>
  readonly skipped: ReadonlyArray<string>
}

/** The number of a law, as it begins its name. */
const numberOf = ({ name }: Law): string => name.split(':', 1)[0] ?? ''

export async function verdictsOf(laws: ReadonlyArray<Law>): Promise<Verdicts> {
  const broken: Record<string, string> = {}
  const skipped: Array<string> = []
  for (const law of laws) {
    await law.check().catch((error: unknown) => {
      if (error instanceof LawBroken) broken[numberOf(law)] = error.message
      else if (error instanceof LawSkipped) skipped.push(numberOf(law))
      else throw error
    })
  }
  return { broken, skipped }
}

/** What the laws say of a source that is made from a good one. */
export const ofSource = (
  make: (fake: Fake) => JobSource<string, FakeStatus, string>,
  options: FakeOptions = {},
): Promise<Verdicts> =>
  verdictsOf(
    jobSourceLaws(() => {
      const fake = fakeJob(marbles, options)
      return Promise.resolve({ ...fake, source: make(fake), secrets: [secret] })
    }),
  )

/** What the laws say of a stream on a good source. */
export const ofStream = (
  make: (fake: Fake, ref: string, options: TailOptions<FakeStatus>) => Observable<unknown>,
  options: FakeOptions = {},
): Promise<Verdicts> =>
  verdictsOf(
    streamLaws(() => {
      const fake = fakeJob(marbles, options)
      return Promise.resolve({
        ...fake,
        secrets: [secret],
        stream: (ref: string, given) => make(fake, ref, given),
      })
    }),
  )
