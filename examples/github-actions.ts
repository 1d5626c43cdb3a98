// GitHub Actions workflow runs as a JobSource: docs/add-a-service.md builds this file step by step.
import { fromPredicate, some } from 'fp-ts/lib/Option.js'
import * as t from 'io-ts'
import { catchError, concatMap, EMPTY, exhaustMap, ignoreElements, map, mergeMap, type Observable, of } from 'rxjs'
import { throwError, toArray } from 'rxjs'
import { accessToken, always, type ApiError, bytes, client, type Endpoint, fetchTransport, flag, inBody } from 'rxjobs'
import { inPath, inQuery, isHttpError, json, lines, nullable, type Phase, positiveInteger } from 'rxjobs'
import { type Reader, simpleSource, text, type Transport } from 'rxjobs'

type Repo = { readonly owner: string; readonly repo: string }
export type RunRef = Repo & { readonly run_id: number }
export type Workflow = Repo & { readonly workflow_id: string; readonly ref: string }
type Page = { readonly per_page: number; readonly page: number }

const Run = t.type({ id: t.number, status: t.string, conclusion: nullable(t.string) })
const Runs = t.type({ workflow_runs: t.array(Run) })
const Job = t.type({ ...Run.props, name: t.string, completed_at: nullable(t.string) })
const Jobs = t.type({ total_count: t.number, jobs: t.array(Job) })
const Started = t.type({ workflow_run_id: t.number })
export type Run = t.TypeOf<typeof Run>
type Job = t.TypeOf<typeof Job>

const get = <P, A>(name: string, parameters: Endpoint<P, A>['parameters'], answer: Reader<A>): Endpoint<P, A> => {
  const path = `/repos/{owner}/{repo}/actions/${name}`
  return { name, method: 'GET', path, parameters, answers: { 200: answer }, accept: 'application/vnd.github+json' }
}
const post = { method: 'POST' } as const
const repo = { owner: inPath, repo: inPath }
const number = { place: 'path', required: true, check: positiveInteger } as const
const run = { ...repo, run_id: number }
const page = { per_page: inQuery(positiveInteger), page: inQuery(positiveInteger) }
const work = { ...repo, workflow_id: inPath, ref: inBody(text, true), return_run_details: inBody(flag) }

const dispatch = { ...get('workflows/{workflow_id}/dispatches', work, json(Started)), ...post }
const getRun = get<RunRef, Run>('runs/{run_id}', run, json(Run))
const getRuns = get<Repo & Page, t.TypeOf<typeof Runs>>('runs', { ...repo, ...page }, json(Runs))
const getJobs = get<RunRef & Page, t.TypeOf<typeof Jobs>>('runs/{run_id}/jobs', { ...run, ...page }, json(Jobs))
const getLog = get<Repo & { job_id: number }, Uint8Array>('jobs/{job_id}/logs', { ...repo, job_id: number }, bytes)
const cancelRun = { ...get<RunRef, undefined>('runs/{run_id}/cancel', run, always(undefined)), ...post }

const waiting = ['queued', 'requested', 'waiting', 'pending']
function phaseOf({ status, conclusion }: Run): Phase {
  if (waiting.includes(status)) return 'queued'
  if (status !== 'completed') return status === 'in_progress' ? 'running' : 'unknown'
  if (conclusion === 'success') return 'succeeded'
  return conclusion === 'neutral' || conclusion === 'skipped' ? 'ended' : 'failed'
}

/** A log lies at another address, which is its own key: the token does not go there. */
const toLogs =
  (transport: Transport): Transport =>
  (request) =>
    transport(request).pipe(
      exhaustMap((part) => {
        const url = 'status' in part && part.status === 302 ? new Map(part.headers).get('location') : undefined
        return url === undefined ? of(part) : transport({ method: 'GET', url, headers: [] })
      }),
    )

const unless = <A>(...statuses: ReadonlyArray<number>) =>
  catchError<A, Observable<A>>((error: unknown) =>
    isHttpError(error) && statuses.includes(error.status) ? EMPTY : throwError(() => error),
  )
const named = fromPredicate((names: ReadonlyArray<string>) => names.length > 0)

export function githubActions(token: string, baseUrl = 'https://api.github.com') {
  const api = client({ baseUrl, auth: accessToken(token), transport: toLogs(fetchTransport()) })
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
      unless(...(conclusion === 'cancelled' ? [404] : [])),
      lines({ maxLineBytes: 2 ** 20 }),
      map((line) => /^(\S+Z) (.*)$/.exec(line) ?? ['', '', line]),
      map(([, timestamp = '', data = '']) => ({ source: name, timestamp, data })),
    )
  /** A job's log is there when the job is over, and stays: the run's log is theirs, in the order in which they ended. */
  const logsOf = (ref: RunRef) =>
    jobsOf(ref).pipe(
      map((jobs) => jobs.filter(({ status, conclusion }) => status === 'completed' && conclusion !== 'skipped')),
      mergeMap((over) => over.sort((a, b) => `${a.completed_at}`.localeCompare(`${b.completed_at}`))),
      concatMap((job) => logOf(ref, job)),
    )
  const listed = (scope: string, refs: ReadonlyArray<RunRef>) => {
    const [owner = '', repo = ''] = scope.split('/')
    const reading = (job: Run) => ({ ref: { owner, repo, run_id: job.id }, job, phase: phaseOf(job) })
    const isAsked = ({ id }: Run) => refs.some(({ run_id }) => run_id === id)
    const page = api.run(getRuns, { owner, repo, per_page: 100, page: 1 }, once)
    return page.pipe(map((page) => page.workflow_runs.filter(isAsked).map(reading)))
  }
  const start = ({ owner, repo, ...work }: Workflow) => {
    const started = api.run(dispatch, { owner, repo, ...work, return_run_details: true })
    return started.pipe(map(({ workflow_run_id }): RunRef => ({ owner, repo, run_id: workflow_run_id })))
  }
  const isFailed = (job: Job) => phaseOf(job) === 'failed'
  const runs = {
    ...simpleSource({ status: (ref: RunRef) => api.run(getRun, ref, once), phase: phaseOf }),
    same: (a: Run, b: Run) => a.status === b.status && a.conclusion === b.conclusion,
    transient: (error: ApiError) => isHttpError(error) && error.status === 403 && error.retryAfter !== undefined,
    failure: (ref: RunRef) => jobsOf(ref).pipe(map((jobs) => named(jobs.filter(isFailed).map(({ name }) => name)))),
    cancel: (ref: RunRef) => api.run(cancelRun, ref, once).pipe(ignoreElements(), unless(409)),
    list: { scopeOf: ({ owner, repo }: RunRef) => some(`${owner}/${repo}`), read: listed },
    log: {
      window: (ref: RunRef, most: number) =>
        logsOf(ref).pipe(
          toArray(),
          map((all) => all.slice(-most)),
        ),
      full: (ref: RunRef) => logsOf(ref).pipe(map(({ data }) => data)),
    },
  }
  return { start, runs }
}
