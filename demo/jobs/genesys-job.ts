import { thenFollow } from 'rxjobs'
import type { AcceleratorInput, Genesys, GenesysJobFailure, InfrastructureascodeJob } from 'rxjobs/genesys'
import { tell, type Words } from './tell.ts'
import type { DemoJob } from './told.ts'

/** Submits a job to Genesys Cloud and follows it. */
export const genesysJob = (cx: Genesys, input: AcceleratorInput): DemoJob => ({
  name: input.acceleratorId,
  told: cx.postInfrastructureascodeJobs(input).pipe(thenFollow(cx.jobs), tell(words)),
})

const words: Words<InfrastructureascodeJob, GenesysJobFailure> = {
  status: ({ status = 'status unknown' }) => status,
  why: ({ status = '', message = 'no reason given', code, rollbackResults }) => [
    `${status}: ${message}${code === undefined ? '' : ` (${code})`}`,
    ...lastLineOf(rollbackResults),
  ],
}

const lastLineOf = (output = ''): ReadonlyArray<string> => output.trimEnd().split('\n').slice(-1).filter(Boolean)
