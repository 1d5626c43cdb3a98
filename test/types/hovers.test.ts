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
  import { type ApiError, cancelJob, followJob, pooled, tailLog, thenFetchErrors, thenFollow, thenTail, thenWatch } from 'rxjobs'
  import { toAsyncIterable, watchJob } from 'rxjobs'
  import { accessToken, genesys, submitOnce } from 'rxjobs/genesys'
  import { connect, thenJobs } from 'rxjobs/connect'
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
  ["export const shown = submitOnce(cx, { acceleratorId: 'a' })", 'Observable<InfrastructureascodeJob>'],
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
    'Observable<Outcome<GenesysJobRef, InfrastructureascodeJob, GenesysJobFailure>>',
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
    "submitted.pipe(thenWatch(cx.jobs), thenFetchErrors(cx.jobs)).subscribe((o) => o.phase === 'failed' && ((shown) => shown)(o.failure))",
    'GenesysJobFailure | undefined',
  ],
  [
    'submitted.pipe(thenWatch(cx.jobs), thenFetchErrors(cx.jobs)).subscribe((shown) => shown)',
    'Outcome<GenesysJobRef, InfrastructureascodeJob, GenesysJobFailure>',
  ],
  ['export const advice = (shown: ApiError) => shown.observedResponses', 'ApiError'],
])('%s is shown as %s', (line, type) => {
  expect(editor.mistakes(begin + line)).toEqual([])
  expect(typeOf(line, 'shown')).toBe(type)
})

/** All that an editor shows of the name of a function where it is called. */
const signatureOf = (line: string, name: string): string => editor.hover(begin + line.replace(name, `|${name}`))

test.each([
  ['watchJob', 'watchJob(cx.jobs, { jobId: "1" })', 238],
  ['watchJob', 'watchJob(pc.jobs, ref)', 185],
  ['tailLog', 'tailLog(pc.jobs, ref)', 174],
  ['followJob', 'followJob(pc.jobs, ref)', 204],
  ['cancelJob', 'cancelJob(pc.jobs, ref)', 203],
  ['thenWatch', 'submitted.pipe(thenWatch(cx.jobs))', 215],
  ['thenTail', 'of(ref).pipe(thenTail(pc.jobs))', 164],
  ['thenFollow', 'submitted.pipe(thenFollow(cx.jobs))', 234],
  ['thenFetchErrors', 'watchJob(pc.jobs, ref).pipe(thenFetchErrors(pc.jobs))', 221],
])('%s of %s is shown in %d characters at most', (name, line, most) => {
  expect(editor.mistakes(begin + line)).toEqual([])
  const shown = signatureOf(line, name)
  expect(shown.length, shown).toBeLessThanOrEqual(most)
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
    'a tail of a source without a log',
    "tailLog(cx.jobs, { jobId: '1' })",
    ["Property 'log' is optional in type 'GenesysJobs'"],
  ],
  [
    'a cancellation at a source without one',
    "cancelJob(cx.jobs, { jobId: '1' })",
    ["Property 'cancel' is optional in type 'GenesysJobs' but required in type 'AnyCancellableSource'"],
  ],
  [
    'a string for an interval',
    "watchJob(pc.jobs, ref, { pollInterval: '500' })",
    [/Type 'string' is not assignable to type 'number \| PollInterval<JobItem>/],
  ],
  [
    'cancelOn, where the service cannot cancel',
    "watchJob(cx.jobs, { jobId: '1' }, { cancelOn: of(1) })",
    ["Type 'Observable<number>' is not assignable to type '\"this source cannot cancel a job\"'"],
  ],
  [
    'the same in a flow',
    'submitted.pipe(thenFollow(cx.jobs, { cancelOnUnsubscribe: true }))',
    ["Type 'true' is not assignable to type '\"this source cannot cancel a job\"'"],
  ],
  [
    'a client in place of its jobs',
    'watchJob(pc, ref)',
    ["Type 'Connect' is missing the following properties from type 'AnyJobSource': status, refOf, keyOf, failure"],
  ],
  [
    'a client in place of its jobs, for a flow',
    'export const operator = thenWatch(cx)',
    ["Type 'Genesys' is missing the following properties from type 'AnyJobSource': status, refOf, keyOf, failure"],
  ],
  ['outcomes without a source', 'export const outcomes = thenFetchErrors()', ['Expected 1-2 arguments, but got 0']],
  ['a pool without a budget', 'pooled(pc.jobs)', ['Expected 2 arguments, but got 1']],
  [
    'a pool with a budget of another name',
    'pooled(pc.jobs, { requestPerMinute: 5 })',
    ["'requestPerMinute' does not exist in type 'PoolOptions'. Did you mean to write 'requestsPerMinute'?"],
  ],
  [
    'an interval that is misspelt',
    'watchJob(pc.jobs, ref, { pollIntervall: 5 })',
    [/'pollIntervall' does not exist in type 'WatchOptions<.*Did you mean to write 'pollInterval'\?/],
  ],
  [
    'a deadline that is misspelt, in a flow',
    'submitted.pipe(thenWatch(cx.jobs, { deadLine: 5 }))',
    [/'deadLine' does not exist in type 'EachWatchOptions<GenesysJobs>'.*Did you mean to write 'deadline'\?/],
  ],
  [
    'a promise in place of a stream',
    'toAsyncIterable(Promise.resolve(1))',
    ["Argument of type 'Promise<number>' is not assignable to parameter of type 'Observable<unknown>'"],
  ],
  [
    'a promise in place of an Observable',
    'watchJob(pc.jobs, ref, { cancelOn: Promise.resolve(1) })',
    [/Type 'Promise<number>' is (not assignable to|missing the following properties from) type 'Observable<unknown>'/],
  ],
  [
    'a promise of a reference',
    'watchJob(pc.jobs, Promise.resolve(ref))',
    [/'Promise<.*>' is missing .* from type 'JobRef': guid, key/],
  ],
  ['a reference with the id', "watchJob(pc.jobs, { guid: 'g', id: '7' })", ["'id' does not exist in type 'JobRef'"]],
  [
    'an interval in place of the options',
    'watchJob(pc.jobs, ref, 5)',
    [/Type '(number|5)' has no properties in common with type 'WatchOptions</],
  ],
  [
    'jobs in place of the client',
    "thenJobs(pc.jobs, { guid: 'g' })",
    [/is not assignable to parameter of type 'Connect'/],
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
