// GitHub Actions workflow runs as a JobSource: docs/your-own-service.md explains this file.
import * as t from 'io-ts'
import { catchError, concatMap, EMPTY, exhaustMap, ignoreElements, map, mergeMap, type Observable, of } from 'rxjs'
import { identity, throwError, toArray } from 'rxjs'
import { type ApiError, isApiError, jobSource, type Phase } from 'rxjobs'
import { accessToken, type BodyDecoder, booleanParam, client, type Endpoint, type Fetch } from 'rxjobs/core'
import { fetchTransport, inBody, inPath, inQuery, json, noContent, nullable } from 'rxjobs/core'
import { positiveIntegerParam, stringParam, textLines, type Transport } from 'rxjobs/core'

type Repo = { readonly owner: string; readonly repo: string }
export type RunRef = Repo & { readonly run_id: number }
export type Workflow = Repo & { readonly workflow_id: string; readonly ref: string }
type JobRef = Repo & { readonly job_id: number }
type Page = { readonly per_page: number; readonly page: number }

const Run = t.type({ id: t.number, status: t.string, conclusion: nullable(t.string) })
const Runs = t.type({ workflow_runs: t.array(Run) })
const Job = t.type({ ...Run.props, name: t.string, completed_at: nullable(t.string) })
const Jobs = t.type({ total_count: t.number, jobs: t.array(Job) })
const Started = t.type({ workflow_run_id: t.number })
export type Run = t.TypeOf<typeof Run>
type Job = t.TypeOf<typeof Job>

const get = <P, A>(name: string, parameters: Endpoint<P, A>['parameters'], body: BodyDecoder<A>): Endpoint<P, A> => {
  const path = `/repos/{owner}/{repo}/actions/${name}`
  return { name, method: 'GET', path, parameters, responses: { 200: body }, accept: 'application/vnd.github+json' }
}
const repo = { owner: inPath, repo: inPath }
const id = { place: 'path', required: true, check: positiveIntegerParam } as const
const run = { ...repo, run_id: id }
const page = { per_page: inQuery(positiveIntegerParam), page: inQuery(positiveIntegerParam) }
const work = { ...repo, workflow_id: inPath, ref: inBody(stringParam, true), return_run_details: inBody(booleanParam) }

const dispatch = { ...get('workflows/{workflow_id}/dispatches', work, json(Started)), method: 'POST' } as const
const getRun = get<RunRef, Run>('runs/{run_id}', run, json(Run))
const getRuns = get<Repo & Page, t.TypeOf<typeof Runs>>('runs', { ...repo, ...page }, json(Runs))
const getJobs = get<RunRef & Page, t.TypeOf<typeof Jobs>>('runs/{run_id}/jobs', { ...run, ...page }, json(Jobs))
const getLog = get<JobRef, ReadonlyArray<string>>('jobs/{job_id}/logs', { ...repo, job_id: id }, textLines)
const cancelRun = { ...get<RunRef, null>('runs/{run_id}/cancel', run, noContent(null)), method: 'POST' } as const

const waiting = ['queued', 'requested', 'waiting', 'pending']
function phaseOf({ status, conclusion }: Run): Phase {
  if (waiting.includes(status)) return 'queued'
  if (status !== 'completed') return status === 'in_progress' ? 'running' : 'unknown'
  if (conclusion === 'success') return 'succeeded'
  if (conclusion === 'cancelled' || conclusion === 'skipped') return conclusion
  return conclusion === 'neutral' ? 'ended' : 'failed'
}

/** Follows the redirect to a log without the token: the address is its own key. */
const toLogs =
  (transport: Transport): Transport =>
  (request) =>
    transport(request).pipe(
      exhaustMap((part) => {
        const url = 'status' in part && part.status === 302 ? new Map(part.headers).get('location') : undefined
        return url === undefined ? of(part) : transport({ method: 'GET', url, headers: [] })
      }),
    )

const statusOf = (error: unknown) => (isApiError(error) && error._tag === 'HttpError' ? error.status : undefined)

/** Completes for an HttpError with that status. */
function unless<A>(code: number) {
  return catchError<A, Observable<A>>((error: unknown) => (statusOf(error) === code ? EMPTY : throwError(() => error)))
}

export function githubActions(token: string, baseUrl = 'https://api.github.com', fetch?: Fetch) {
  const api = client({ baseUrl, auth: accessToken(token), transport: toLogs(fetchTransport(fetch)) })
  const once = { retry: false }
  const jobsOf = (ref: RunRef, page = 1): Observable<ReadonlyArray<Job>> =>
    api.run(getJobs, { ...ref, per_page: 100, page }, once).pipe(
      mergeMap(({ total_count, jobs }) => {
        const rest = page * 100 < total_count ? jobsOf(ref, page + 1) : of([])
        return rest.pipe(map((more) => [...jobs, ...more]))
      }),
    )
  const logOf = ({ owner, repo }: RunRef, { id, name, conclusion }: Job) =>
    api.run(getLog, { owner, repo, job_id: id }, once).pipe(
      // A cancelled job may have no log.
      conclusion === 'cancelled' ? unless(404) : identity,
      map((lines) =>
        lines.map((line) => {
          const [, timestamp = '', data = line] = /^(\S+Z) (.*)$/.exec(line) ?? []
          return { source: name, timestamp, data }
        }),
      ),
    )
  /** A job's log is there once the job is over: the run's log is theirs, in the order in which they ended. */
  const logsOf = (ref: RunRef) =>
    jobsOf(ref).pipe(
      map((jobs) => jobs.filter(({ status, conclusion }) => status === 'completed' && conclusion !== 'skipped')),
      mergeMap((over) => over.sort((a, b) => `${a.completed_at}`.localeCompare(`${b.completed_at}`))),
      concatMap((job) => logOf(ref, job)),
    )
  const listed = (scope: string) => {
    const [owner = '', repo = ''] = scope.split('/')
    const row = (job: Run) => ({ ref: { owner, repo, run_id: job.id }, job, phase: phaseOf(job) })
    return api
      .run(getRuns, { owner, repo, per_page: 100, page: 1 }, once)
      .pipe(map((page) => page.workflow_runs.map(row)))
  }

  const start = ({ owner, repo, ...work }: Workflow) => {
    const started = api.run(dispatch, { owner, repo, ...work, return_run_details: true })
    return started.pipe(map(({ workflow_run_id }): RunRef => ({ owner, repo, run_id: workflow_run_id })))
  }
  const isFailed = (job: Job) => phaseOf(job) === 'failed'
  const runs = {
    ...jobSource({ status: (ref: RunRef) => api.run(getRun, ref, once), phase: phaseOf }),
    // GitHub moves `updated_at` all the time.
    same: (a: Run, b: Run) => a.status === b.status && a.conclusion === b.conclusion,
    // GitHub answers "too many requests" as 403 with Retry-After.
    transient: (error: ApiError) => statusOf(error) === 403 && 'retryAfter' in error && error.retryAfter !== undefined,
    failure: (ref: RunRef) => jobsOf(ref).pipe(map((jobs) => jobs.filter(isFailed).map(({ name }) => name))),
    // 409: the run is over already.
    cancel: (ref: RunRef) => api.run(cancelRun, ref, once).pipe(ignoreElements(), unless(409)),
    list: { scopeOf: ({ owner, repo }: Partial<RunRef>) => `${owner}/${repo}`, read: listed },
    log: {
      read: (ref: RunRef, maxLines: number) =>
        logsOf(ref).pipe(
          toArray(),
          map((batches) => batches.flat().slice(-maxLines)),
        ),
      download: (ref: RunRef) => logsOf(ref).pipe(map((batch) => batch.map(({ data }) => data))),
    },
  }
  return { start, runs }
}
