import { asyncScheduler, defer, lastValueFrom, tap } from 'rxjs'
import { type Chunk, type Fetch, fetchTransport, type Head, type Transport } from 'rxjobs/core'
import type { Connect, JobRef, Task, TaskRef } from 'rxjobs/connect'
import type { Genesys, GenesysJobRef } from 'rxjobs/genesys'
import { type Exchange, type FaultRule, type Sandbox, startSandbox } from 'rxjobs/sandbox'
import type { ObservedService, RequestKind } from 'rxjobs/testing'
import { connectTo, genesysTo, jobPath } from '../../apis/support.ts'
import { bundleOf, connectOf, upload } from '../../sandbox/support.ts'
import { mostOpen } from './most-open.ts'

/** A service of the sandbox as the suite needs it, and its client. */
export interface Sandboxed<Ref, Client> extends ObservedService<Ref> {
  readonly client: Client
  readonly sandbox: Sandbox
}

export const soon = { pollInterval: 40 }

/** Refuses the missing job with 403: a 404 is retried for 15 s by the operators that wait for a new job. */
const refused: FaultRule = { kind: 'status', status: 403, match: { path: /no-such-job/ } }

// More than the 50 ms of G3, so that an abort can be told from a response.
const slow: FaultRule = { kind: 'latency', ms: 60 }

function kindOf({ path }: Exchange): RequestKind {
  if (path.endsWith('/tail')) return 'live'
  return /\/(log|download)\b|[?&]wait=0\b/.test(path) ? 'log' : 'status'
}

/** The requests of a sandbox as the suite counts them. */
function observed(sandbox: Sandbox) {
  const before = new Set(sandbox.exchanges)
  const of = (kind: RequestKind | undefined) => (exchange: Exchange) =>
    !before.has(exchange) && (kind === undefined || kindOf(exchange) === kind)
  return {
    sandbox,
    scheduler: asyncScheduler,
    advance: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
    inFlight: (kind?: RequestKind) => sandbox.inFlight(of(kind)),
    mostInFlight: (kind?: RequestKind) => mostOpen(sandbox.exchanges.filter(of(kind))),
    within: 12_000,
  }
}

/** A transport that reports each whole response, for a service that does not report the state of its job. */
const listening =
  (fetch: Fetch, tell: (body: string, url: string) => void): Transport =>
  (request) =>
    defer(() => {
      const decoder = new TextDecoder()
      let body = ''
      const hear = (part: Head | Chunk): void => {
        if ('bytes' in part) body += decoder.decode(part.bytes, { stream: true })
      }
      return fetchTransport(fetch)(request).pipe(tap({ next: hear, complete: () => tell(body, request.url) }))
    })

/** A deploy of Connect as a task; its second read is cut off. */
export async function connectTask(fetch: Fetch): Promise<Sandboxed<TaskRef, Connect>> {
  const sandbox = await startSandbox()
  let lines: ReadonlyArray<string> = []
  let over = false
  const transport = listening(fetch, (body, url) => {
    const first = /\/tasks\/.*\bfirst=(\d+)/.exec(url)?.[1]
    if (first === undefined || !body.includes('"output"')) return
    const task = JSON.parse(body) as Task
    if (lines.length <= Number(first) + task.output.length) lines = [...lines.slice(0, Number(first)), ...task.output]
    over ||= task.finished
  })
  const client = connectTo(sandbox, { transport })
  const ask = connectOf(sandbox)
  const { guid } = await upload(ask, await bundleOf('python-api', 'no-such-file', {}))
  const before = sandbox.exchanges.length
  const { task_id } = await lastValueFrom(client.deployContent({ guid }))
  sandbox.faults.set([{ kind: 'status', status: 503, times: 1, skip: 1, match: { path: /\/tasks\// } }, slow])
  return {
    ...observed(sandbox),
    client,
    ref: { taskId: task_id },
    missing: { taskId: 'no-such-task' },
    isOver: () => over,
    lines: () => lines,
    posts: () => sandbox.exchanges.slice(before + 1).filter(({ method }) => method === 'POST').length,
    secrets: [sandbox.connect.apiKey],
    close: () => sandbox.close(),
  }
}

/** A Connect job that writes lines and fails; its second status is cut off. */
export async function connectJob(fetch: Fetch, isRefused = false): Promise<Sandboxed<JobRef, Connect>> {
  const sandbox = await startSandbox()
  const job = sandbox.connect.feed()
  const unavailable: FaultRule = {
    kind: 'status',
    status: 503,
    times: 1,
    skip: 1,
    match: { path: new RegExp(`${jobPath(job)}$`) },
  }
  sandbox.faults.set([...(isRefused ? [refused] : []), unavailable, slow])
  const lines: Array<string> = []
  let over = false
  // On a busy machine a check may have cancelled the job before.
  const isCancelled = (): boolean => sandbox.exchanges.some(({ method }) => method === 'DELETE')
  const say = (data: string) => () => {
    if (isCancelled()) return
    lines.push(data)
    job.write([{ source: 'stdout', data }])
  }
  say('one')()
  const timers = [
    setTimeout(say('two'), 250),
    setTimeout(say('three'), 450),
    setTimeout(() => {
      over = true
      job.finish(3)
    }, 500),
  ]
  const service = observed(sandbox)
  return {
    ...service,
    client: connectTo(sandbox, { fetch }),
    ref: { guid: job.guid, key: job.key },
    missing: { guid: job.guid, key: 'no-such-job' },
    isOver: () => over,
    lines: () => lines,
    posts: () => sandbox.exchanges.filter(({ method }) => method === 'POST').length,
    secrets: [sandbox.connect.apiKey],
    close: async () => {
      for (const timer of timers) clearTimeout(timer)
      await sandbox.close()
    },
  }
}

/** A Genesys job that is rolled back; its second status is cut off. Whether it is over is read from the responses. */
export async function genesysJob(fetch: Fetch, submitted = true): Promise<Sandboxed<GenesysJobRef, Genesys>> {
  const sandbox = await startSandbox({ genesys: { stepMs: 80, requestsPerMinute: 100_000 } })
  let over = false
  const transport = listening(fetch, (body) => (over ||= /"status":"(Complete|RollbackComplete)"/.test(body)))
  const client = genesysTo(sandbox, { transport, confirmAfter: 50 })
  const jobId = submitted
    ? (await lastValueFrom(client.postInfrastructureascodeJobs({ acceleratorId: 'twin-queues' }))).id
    : undefined
  const before = sandbox.exchanges.length
  const unavailable: FaultRule = {
    kind: 'status',
    status: 503,
    times: 1,
    skip: 1,
    match: { method: 'GET', path: /\/jobs\// },
  }
  sandbox.faults.set([...(submitted ? [] : [refused]), unavailable, slow])
  return {
    ...observed(sandbox),
    client,
    ref: { jobId: jobId ?? '' },
    missing: { jobId: 'no-such-job' },
    isOver: () => over,
    posts: () =>
      sandbox.exchanges.slice(before).filter(({ method, path }) => method === 'POST' && path !== '/oauth/token').length,
    secrets: [sandbox.genesys.clientSecret],
    close: () => sandbox.close(),
  }
}
