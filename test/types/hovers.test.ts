import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Editor, openEditor } from './support/editor.ts'

// A language service reads every type that a program touches.
vi.setConfig({ testTimeout: 120_000 })

let editor: Editor
beforeAll(() => {
  editor = openEditor()
})
afterAll(() => editor.close())

const begin = `
  import { of } from 'rxjs'
  import { type ApiError, cancelJob, followJob, tailLog, thenFetchErrors, thenFollow, thenTail, thenWatch, watchJob } from 'rxjobs'
  import { accessToken, genesys } from 'rxjobs/genesys'
  import { connect } from 'rxjobs/connect'
  const cx = genesys({ region: 'eu_central_1', auth: accessToken('t') })
  const pc = connect({ server: 'https://connect.example.com', apiKey: 'k' })
  const ref = { guid: 'g', key: 'k' }
  const submitted = cx.postInfrastructureascodeJobs({ acceleratorId: 'a' })
`

/** The type in what an editor shows of `name` in a line of a program, where the name first occurs. */
function typeOf(line: string, name: string): string {
  const shown = editor.hover(begin + line.replace(name, `|${name}`))
  return shown.slice(shown.indexOf(': ') + 2)
}

test.each([
  ['export const shown = cx', 'Genesys'],
  ['export const shown = pc', 'Connect'],
  ['export const shown = cx.jobs', 'GenesysJobs'],
  ['export const shown = pc.jobs', 'ConnectJobs'],
  ['export const shown = submitted', 'Observable<InfrastructureascodeJob>'],
  ['export const shown = cx.getInfrastructureascodeAccelerators()', 'Observable<AcceleratorMetadata>'],
  ["export const shown = cx.submitOnce({ acceleratorId: 'a' })", 'Observable<InfrastructureascodeJob>'],
  ['export const shown = pc.getJob(ref)', 'Observable<JobItem>'],
  ['export const shown = pc.jobError(ref)', 'Observable<Option<LoggedError>>'],
  ['export const shown = watchJob(pc.jobs, ref)', 'Observable<JobStatus<JobRef, JobItem>>'],
  ['export const shown = cancelJob(pc.jobs, ref)', 'Observable<JobStatus<JobRef, JobItem>>'],
  ['export const shown = tailLog(pc.jobs, ref)', 'Observable<LogElement<JobRef>>'],
  ['export const shown = followJob(pc.jobs, ref)', 'Observable<JobEvent<JobRef, JobItem, ConnectJobFailure>>'],
  [
    'export const shown = submitted.pipe(thenWatch(cx.jobs))',
    'Observable<JobStatus<GenesysJobRef, InfrastructureascodeJob>>',
  ],
  [
    'export const shown = submitted.pipe(thenWatch(cx.jobs), thenFetchErrors(cx.jobs))',
    'Observable<Outcome<InfrastructureascodeJob, GenesysJobFailure, GenesysJobRef>>',
  ],
  ['export const shown = of(ref).pipe(thenTail(pc.jobs))', 'Observable<LogElement<JobRef>>'],
  [
    'export const shown = submitted.pipe(thenFollow(cx.jobs))',
    'Observable<JobEvent<GenesysJobRef, InfrastructureascodeJob, GenesysJobFailure>>',
  ],
  ['submitted.subscribe((shown) => shown)', 'InfrastructureascodeJob'],
  ['submitted.subscribe(({ status: shown }) => shown)', 'InfrastructureascodeJobStatus | undefined'],
  ['watchJob(pc.jobs, ref).subscribe(({ phase: shown }) => shown)', 'Phase'],
  ['tailLog(pc.jobs, ref).subscribe((shown) => shown)', 'LogElement<JobRef>'],
  ['followJob(pc.jobs, ref).subscribe((shown) => shown)', 'JobEvent<JobRef, JobItem, ConnectJobFailure>'],
  [
    'submitted.pipe(thenWatch(cx.jobs), thenFetchErrors(cx.jobs)).subscribe(({ failure: shown }) => shown)',
    'Option<GenesysJobFailure>',
  ],
  [
    'submitted.pipe(thenWatch(cx.jobs), thenFetchErrors(cx.jobs)).subscribe(({ failureError: shown }) => shown)',
    'Option<ApiError>',
  ],
  ['export const advice = (shown: ApiError) => shown.trail', 'ApiError'],
])('%s is shown as %s', (line, type) => {
  expect(editor.mistakes(begin + line)).toEqual([])
  expect(typeOf(line, 'shown')).toBe(type)
})

test.each<[what: string, line: string, names: ReadonlyArray<string | RegExp>]>([
  [
    'a job of one service watched at the other',
    'submitted.pipe(thenWatch(pc.jobs))',
    ["Type 'InfrastructureascodeJob' is missing the following properties from type 'JobRef': guid, key"],
  ],
  [
    'a status of one service explained by the other',
    'submitted.pipe(thenWatch(cx.jobs), thenFetchErrors(pc.jobs))',
    ["Type 'JobStatus<GenesysJobRef, InfrastructureascodeJob>' is not assignable to type 'JobStatus<JobRef, JobItem>'"],
  ],
  [
    'the same the other way round',
    'watchJob(pc.jobs, ref).pipe(thenFetchErrors(cx.jobs))',
    ["Property 'jobId' is missing in type 'JobRef' but required in type 'GenesysJobRef'"],
  ],
  [
    'an outcome without a watch',
    'submitted.pipe(thenFetchErrors(cx.jobs))',
    [/'InfrastructureascodeJob' is missing .* from type 'JobStatus<.*>': _tag, ref, job, phase/],
  ],
  [
    'an id instead of what was submitted',
    "of('42').pipe(thenWatch(cx.jobs))",
    ["Type 'string' is not assignable to type 'InfrastructureascodeJob'"],
  ],
  [
    'a list instead of a job',
    "pc.getJobs({ guid: 'g' }).pipe(thenWatch(pc.jobs))",
    ["Type 'readonly JobItem[]' is missing the following properties from type 'JobRef': guid, key"],
  ],
  ['a reference of the other service', 'watchJob(cx.jobs, ref)', ["Property 'jobId' is missing"]],
  [
    'a tail of what has no log',
    "tailLog(cx.jobs, { jobId: '1' })",
    ["Property 'log' is optional in type 'GenesysJobs'"],
  ],
  [
    'a cancellation of what has none',
    "cancelJob(cx.jobs, { jobId: '1' })",
    ["Property 'cancel' is optional in type 'GenesysJobs' but required in type 'CancellableJobSource<"],
  ],
  [
    'a number for a cadence',
    'watchJob(pc.jobs, ref, { cadence: 500 })',
    ["Type 'number' is not assignable to type 'Cadence<JobItem>'"],
  ],
  [
    'a misspelt field',
    "cx.postInfrastructureascodeJobs({ accelerator: 'a' })",
    ["Did you mean to write 'acceleratorId'?"],
  ],
])('%s: the mistake is named', (_, line, names) => {
  const [mistake, ...more] = editor.mistakes(begin + line)
  expect(more).toEqual([])
  for (const name of names) expect(mistake).toMatch(name)
  // From the first line to the one that names it: no wall of text.
  expect(mistake?.split('\n').length).toBeLessThanOrEqual(8)
})
