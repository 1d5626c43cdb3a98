import { defer, finalize, from, mergeMap, type Observable } from 'rxjs'
import { type Sandbox, type SandboxOptions, startSandbox } from 'rxjobs/sandbox'
import type { Targets } from '../targets.ts'
import { realJobs } from './real-jobs.ts'
import { sandboxJobs } from './sandbox-jobs.ts'
import type { DemoJob } from './told.ts'

/** What to do with the jobs. */
export type Use<A> = (jobs: ReadonlyArray<DemoJob>) => Observable<A>

/** Uses the jobs that there are: those of the targets, or those of a sandbox that lives as long as it is used. */
export function withJobs<A>({ connect, genesys }: Targets, use: Use<A>): Observable<A> {
  if (connect !== undefined || genesys !== undefined) return defer(() => use(realJobs({ connect, genesys })))
  return withSandbox(use)
}

/** Slow enough to watch. One log connection is cut on the way: the tail must go on without losing a line. */
const show: SandboxOptions = {
  genesys: { stepMs: 900 },
  faults: { rules: [{ kind: 'cut', match: { path: /\/tail$/ }, after: { ms: 2000 }, times: 1 }] },
}

function withSandbox<A>(use: Use<A>): Observable<A> {
  return defer(() => {
    const starting = startSandbox(show)
    return from(starting).pipe(
      mergeMap((sandbox) => use(sandboxJobs(sandbox))),
      finalize(() => void close(starting)),
    )
  })
}

/** Also when it is still starting; a start that failed has been told already. */
async function close(starting: Promise<Sandbox>): Promise<void> {
  const sandbox = await starting.catch(() => undefined)
  await sandbox?.close()
}
