import { defer, finalize, from, map, mergeMap, type Observable, of, throwIfEmpty } from 'rxjs'
import { type Connect, connect, type JobItem, type JobRef } from 'rxjobs/connect'
import { clientCredentials, genesys } from 'rxjobs/genesys'
import { type Sandbox, type SandboxOptions, startSandbox } from 'rxjobs/sandbox'
import { connectJob, deployJob, genesysJob } from './jobs.ts'
import type { ConnectTarget, GenesysTarget, Targets } from './targets.ts'
import type { DemoJob } from './updates.ts'

/** What to do with the jobs. */
export type Use<A> = (jobs: ReadonlyArray<DemoJob>) => Observable<A>

/** Uses the jobs of the targets; without targets, those of a sandbox, which is closed afterwards. */
export function withJobs<A>(targets: Targets, use: Use<A>): Observable<A> {
  if (targets.connect === undefined && targets.genesys === undefined) return withSandbox(use)
  return defer(() => use(targetJobs(targets)))
}

// ---- jobs of the services that the environment names

const targetJobs = (targets: Targets): ReadonlyArray<DemoJob> => [
  ...(targets.genesys === undefined ? [] : [genesysTargetJob(targets.genesys)]),
  ...(targets.connect === undefined ? [] : [connectTargetJob(targets.connect)]),
]

function genesysTargetJob({ place, clientId, clientSecret, input }: GenesysTarget): DemoJob {
  return genesysJob(genesys({ ...place, auth: clientCredentials({ clientId, clientSecret }) }), input)
}

function connectTargetJob({ server, apiKey, guid, key }: ConnectTarget): DemoJob {
  const pc = connect({ server, apiKey })
  return connectJob(pc, 'connect-job', key === undefined ? newestJob(pc, guid) : of({ guid, key }))
}

/** The service promises no order. */
const newestJob = (pc: Connect, guid: string): Observable<JobRef> =>
  defer(() => pc.getJobs({ guid })).pipe(
    mergeMap((jobs) => [...jobs].sort(newestFirst).slice(0, 1)),
    throwIfEmpty(() => new Error(`the content ${guid} has no job`)),
    map(({ key = '' }) => ({ guid, key })),
  )

const newestFirst = (a: JobItem, b: JobItem): number => (b.start_time ?? '').localeCompare(a.start_time ?? '')

// ---- jobs of a sandbox

/** Slow enough to watch. One log connection is cut on the way: the tail must go on without losing a line. */
const slow: SandboxOptions = {
  genesys: { stepMs: 900 },
  faults: { rules: [{ kind: 'cut', match: { path: /\/tail$/ }, after: { ms: 2000 }, times: 1 }] },
}

function withSandbox<A>(use: Use<A>): Observable<A> {
  return defer(() => {
    const starting = startSandbox(slow)
    return from(starting).pipe(
      mergeMap((sandbox) => use(sandboxJobs(sandbox))),
      finalize(() => void close(starting)),
    )
  })
}

/** Closes a sandbox that may still be starting. A failed start is reported elsewhere. */
async function close(starting: Promise<Sandbox>): Promise<void> {
  const sandbox = await starting.catch(() => undefined)
  await sandbox?.close()
}

/** Four jobs, each with another end. */
function sandboxJobs(sandbox: Sandbox): ReadonlyArray<DemoJob> {
  const { baseUrl, clientId, clientSecret } = sandbox.genesys
  const { server, apiKey } = sandbox.connect
  const cx = genesys({ baseUrl, auth: clientCredentials({ clientId, clientSecret }) })
  const pc = connect({ server, apiKey })
  return [
    genesysJob(cx, { acceleratorId: 'support-line', parameters: [{ name: 'queueName', value: 'Spring sale' }] }),
    genesysJob(cx, { acceleratorId: 'twin-queues' }),
    deployJob(pc, 'nightly-report'),
    deployJob(pc, 'stock-import'),
  ]
}
