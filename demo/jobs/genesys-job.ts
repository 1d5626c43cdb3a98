import { mergeMap, of } from 'rxjs'
import { thenFollow } from 'rxjobs'
import type { AcceleratorInput, Genesys, GenesysJobFailure, InfrastructureascodeJob } from 'rxjobs/genesys'
import { tell, type Words } from './tell.ts'
import type { DemoJob } from './told.ts'

/** Asks Genesys Cloud in a dry run what a job would do; where that goes well, submits it and follows it. */
export function genesysJob(cx: Genesys, input: AcceleratorInput): DemoJob {
  const dryRun = cx.postInfrastructureascodeJobs({ ...input, dryRun: true }).pipe(thenFollow(cx.jobs), tell(words))
  const run = cx.submitOnce(input).pipe(thenFollow(cx.jobs), tell(words))
  return {
    name: input.acceleratorId,
    told: dryRun.pipe(mergeMap((told) => (told.kind === 'end' && told.end === 'succeeded' ? run : of(told)))),
  }
}

const words: Words<InfrastructureascodeJob, GenesysJobFailure> = {
  status: ({ status = 'status unknown', dryRun, results }) =>
    dryRun ? `dry run: ${lastLineOf(results)[0] ?? status}` : status,
  why: ({ status = '', message = 'no reason given', code, rollbackResults }) => [
    `${status}: ${message}${code === undefined ? '' : ` (${code})`}`,
    ...lastLineOf(rollbackResults),
  ],
}

const lastLineOf = (output = ''): ReadonlyArray<string> => output.trimEnd().split('\n').slice(-1).filter(Boolean)
