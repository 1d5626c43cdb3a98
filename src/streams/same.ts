import type { JobSource, Reading } from './job-source.ts'

/** Whether two looks at a job tell the same. */
export type Same<Job> = (a: Job, b: Job) => boolean

const structurally: Same<unknown> = (a, b) => JSON.stringify(a) === JSON.stringify(b)

/** The source's own way to compare jobs, else structural equality. */
export const sameOf = <Job>({ same }: { readonly same?: JobSource<unknown, Job, unknown, never>['same'] }): Same<Job> =>
  same ?? structurally

/** Whether a reading tells nothing new after another one. */
export const tellsNothing = <Ref, Job>(before: Reading<Ref, Job>, after: Reading<Ref, Job>, same: Same<Job>): boolean =>
  before.phase === after.phase && same(before.job, after.job)
