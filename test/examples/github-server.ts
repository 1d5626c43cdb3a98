// The part of GitHub's REST API that a workflow run needs, by its public documentation: a run with three jobs, of which one is
// skipped and one fails. A log is a redirect to another origin, which must not get the token.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { RequestKind } from 'rxjobs/testing'
import { mostOpen, type Seen } from '../testing/support/most-open.ts'

type Kind = Exclude<RequestKind, 'live'>

export interface GitHubServer {
  readonly url: string
  readonly token: string
  /** All requests so far: `GET /repos/…`, and `GET blob with a key` for a log that was requested with a token. */
  readonly asked: ReadonlyArray<string>
  readonly isOver: () => boolean
  readonly lines: () => ReadonlyArray<string>
  readonly posts: () => number
  readonly inFlight: (kind?: RequestKind) => number
  readonly mostInFlight: (kind?: RequestKind) => number
  readonly close: () => Promise<void>
}

export interface GitHubOptions {
  /** Milliseconds from a request to its answer. */
  readonly latency?: number
  /** Which request is cut off instead of being answered, from 0. */
  readonly drops?: number
}

/** A job of the run: when it ends, how, and what it has written. */
const jobs = [
  { id: 11, name: 'build', endsAt: 250, conclusion: 'success', log: ['compiling', 'done'] },
  { id: 12, name: 'deploy', endsAt: 250, conclusion: 'skipped', log: [] },
  { id: 13, name: 'test', endsAt: 500, conclusion: 'failure', log: ['1 of 212 failed', '##[error]exit code 1'] },
]
const runPath = '/repos/octo/site/actions/runs/7'

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.unref().listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
    })
  })
}

/** Starts it on free ports of this machine. The run begins when it is dispatched or first read. */
export async function startGitHub({ latency = 60, drops = -1 }: GitHubOptions = {}): Promise<GitHubServer> {
  const token = 'ghp_a-token-that-nobody-may-see'
  const asked: Array<string> = []
  const seen: Array<Seen & { readonly kind: Kind }> = []
  let begun: number | undefined
  let cancelledAt = Number.POSITIVE_INFINITY
  const age = (): number => (begun === undefined ? 0 : performance.now() - begun)
  const endsAt = (job: (typeof jobs)[number]): number => Math.min(job.endsAt, cancelledAt)
  const isOver = (): boolean => age() >= Math.min(550, cancelledAt)
  const ended = () => jobs.filter((job) => age() >= endsAt(job)).sort((a, b) => a.endsAt - b.endsAt)
  const at = (ms: number): string => new Date(1_800_000_000_000 + ms * 1_000).toISOString()
  const stateOf = (over: boolean, conclusion: string) => ({
    status: over ? 'completed' : age() < 100 ? 'queued' : 'in_progress',
    conclusion: over ? (Number.isFinite(cancelledAt) ? 'cancelled' : conclusion) : null,
  })
  const run = () => ({ id: 7, ...stateOf(isOver(), 'failure'), updated_at: at(age()) })
  const rows = () =>
    jobs.map((job) => {
      const over = ended().includes(job)
      return {
        id: job.id,
        name: job.name,
        ...stateOf(over, job.conclusion),
        completed_at: over ? at(job.endsAt) : null,
      }
    })

  function answerTo(method: string, path: string, query: URLSearchParams): readonly [status: number, body: unknown] {
    const log = /\/jobs\/(\d+)\/logs$/.exec(path)?.[1]
    if (method === 'POST' && path === '/repos/octo/site/actions/workflows/ci.yml/dispatches') {
      begun ??= performance.now()
      return [200, { workflow_run_id: 7 }]
    }
    if (method === 'POST' && path === `${runPath}/cancel`) {
      if (isOver()) return [409, { message: 'Cannot cancel a workflow run that is completed.' }]
      cancelledAt = age()
      return [202, {}]
    }
    if (path === '/repos/octo/site/actions/runs') return [200, { total_count: 1, workflow_runs: [run()] }]
    if (path === runPath) return [200, run()]
    if (path === `${runPath}/jobs`) {
      // One a page, so that there are pages.
      const page = Number(query.get('page') ?? 1)
      return [200, { total_count: 201, jobs: page === 1 ? rows().slice(0, 2) : rows().slice(page, page + 1) }]
    }
    if (log !== undefined && ended().some(({ id }) => id === Number(log))) return [302, `${blobs.url}/${log}?sig=a`]
    return [404, { message: 'Not Found' }]
  }

  async function take(request: IncomingMessage, response: ServerResponse, isBlob: boolean): Promise<void> {
    const { method = '', url = '', headers } = request
    const kind: Kind = isBlob || /\/jobs/.test(url) ? 'log' : 'status'
    const record = { kind, openedAt: performance.now(), closedAt: undefined as number | undefined, aborted: false }
    seen.push(record)
    response.once('close', () => {
      record.closedAt = performance.now()
      record.aborted = !response.writableFinished
    })
    const index = asked.push(isBlob ? `GET blob${headers.authorization ? ' with a key' : ''}` : `${method} ${url}`) - 1
    await text(request)
    await new Promise((resolve) => setTimeout(resolve, latency))
    // A reset before the head would be repeated at once, without a word, on a connection that was open before.
    if (index === drops) return void response.writeHead(200).write('{', () => request.socket.destroy())
    if (!isBlob && headers.authorization !== `Bearer ${token}`) return void response.writeHead(401).end()
    begun ??= performance.now()
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    if (isBlob) {
      const job = jobs.find(({ id }) => `/${id}` === pathname)
      return void response.end(
        job?.log.map((line, i) => `${at(job.endsAt).replace('Z', `${i}Z`)} ${line}\r\n`).join(''),
      )
    }
    const [status, body] = answerTo(method, pathname, searchParams)
    if (typeof body === 'string') return void response.writeHead(status, { location: body }).end()
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  const server = createServer((request, response) => void take(request, response, false))
  const blobServer = createServer((request, response) => void take(request, response, true))
  const blobs = { url: await listen(blobServer) }
  const of = (kind: RequestKind | undefined) => seen.filter((one) => kind === undefined || one.kind === kind)
  return {
    url: await listen(server),
    token,
    asked,
    isOver,
    lines: () => ended().flatMap(({ log }) => log),
    posts: () => asked.filter((line) => line.startsWith('POST')).length,
    inFlight: (kind) => of(kind).filter(({ closedAt }) => closedAt === undefined).length,
    mostInFlight: (kind) => mostOpen(of(kind)),
    close: async () => {
      for (const one of [server, blobServer]) {
        const closed = new Promise((resolve) => one.close(resolve))
        one.closeAllConnections()
        await closed
      }
    },
  }
}
