import type { JobSource, Reading } from './job-source.ts'
import { sameValue } from './same-value.ts'

/** Whether two looks at a job tell the same. */
export type Same<Job> = (a: Job, b: Job) => boolean

/** The source's own way to compare jobs, else by their values. */
export const sameOf = <Job>({ same }: { readonly same?: JobSource<unknown, Job, unknown, never>['same'] }): Same<Job> =>
  same ?? sameValue

/** Whether a reading tells nothing new after another one. */
export const tellsNothing = <Ref, Job>(before: Reading<Ref, Job>, after: Reading<Ref, Job>, same: Same<Job>): boolean =>
  before.phase === after.phase && same(before.job, after.job)
