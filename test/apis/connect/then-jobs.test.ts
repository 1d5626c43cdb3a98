import { lastValueFrom, NEVER, of, tap } from 'rxjs'
import { every, thenFollow } from 'rxjobs'
import { type JobItem, thenJobs } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { sandboxes } from '../../sandbox/support.ts'
import { all, connectTo, refusal } from '../support.ts'
import { course, published, scripted } from './publishing.ts'

const start = sandboxes()
const soon = { cadence: every(10) }
const second = { cadence: every(1_000) }
const job = (key: string, more: JobItem = {}): JobItem => ({ key, status: 2, exit_code: 0, ...more })

test('deploy, then its jobs, then follow them: a document', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const { guid } = await published(pc, 'quarto-static', "console.log('rendered')")
  const deploy = pc.deployContent({ guid })
  const flow = deploy.pipe(thenJobs(pc, { guid }, soon), thenFollow(pc.jobs, soon))
  const first = await all(flow)
  expect(first.flatMap((event) => (event._tag === 'Line' ? [event.data] : []))).toEqual(['rendered'])
  expect(first.at(-1)).toMatchObject({ _tag: 'Settled', ref: { guid }, outcome: { phase: 'succeeded' } })

  // The second deploy finds the second job alone.
  const second = await all(flow)
  const keys = new Set([...first, ...second].map(({ ref }) => ref.key))
  expect([keys.size, second.filter(({ _tag }) => _tag === 'Settled').length]).toEqual([2, 1])
})

test('jobs are listed before the task is started, and once after it', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const { guid } = await published(pc, 'static', 'never run')
  const before = sandbox.exchanges.length
  await all(pc.deployContent({ guid }).pipe(thenJobs(pc, { guid }, soon)))
  const asked = sandbox.exchanges.slice(before).map(({ method, path }) => `${method} ${path.split('/').at(-1) ?? ''}`)
  expect(asked.slice(0, 2)).toEqual(['GET jobs', 'POST deploy'])
  expect(asked.at(-1)).toBe('GET jobs')
})

test('a job of an app is named while the task goes on', async () => {
  const pc = connectTo(await start({ connect: { launchMs: 60_000 } }))
  const { guid } = await published(pc, 'nodejs', "console.error('starting'); setInterval(() => {}, 1000)")
  const events = pc.deployContent({ guid }).pipe(
    thenJobs(pc, { guid }, soon),
    tap(({ key }) => void lastValueFrom(pc.killJob({ guid, key }))),
  )
  expect(await all(events)).toHaveLength(1)
})

test('an app that starts with its first visit', async () => {
  const sandbox = await start({ connect: { appsStart: 'visit' } })
  const pc = connectTo(sandbox)
  const { guid } = await published(pc, 'nodejs', "console.log('up'); setInterval(() => {}, 1000)")
  expect(await all(pc.deployContent({ guid }).pipe(thenJobs(pc, { guid }, soon)))).toEqual([])
  const [found, ...more] = await all(pc.deployContent({ guid }).pipe(thenJobs(pc, { guid }, { ...soon, visit: true })))
  expect([found?.guid, more]).toEqual([guid, []])
})

test('in virtual time: the task is over, the jobs are named, and that is the end', () => {
  const jobs = [
    { from: -1, job: job('old') },
    { from: 100, job: job('new') },
  ]
  const { pc, clock, lines } = course({ task: { at: 1_500, code: 1 }, jobs })
  const told: Array<string> = []
  of({ task_id: 't' })
    .pipe(thenJobs(pc, { guid: 'g' }, second))
    .subscribe({
      next: ({ guid, key }) => told.push(`${clock.now()} ${guid} ${key}`),
      complete: () => told.push(`${clock.now()} end`),
    })
  clock.flush()
  expect(told).toEqual(['1000 g new', '2000 end'])
  expect(lines.filter((line) => line.endsWith('/jobs'))).toHaveLength(4)
})

test('two tasks of one content do not name a job twice', () => {
  const { pc, clock } = course({ task: { at: 1_500 }, jobs: [{ from: 100, job: job('new') }] })
  const keys: Array<string> = []
  of({ task_id: 't' }, { id: 't' })
    .pipe(thenJobs(pc, { guid: 'g' }, second))
    .subscribe(({ key }) => keys.push(key))
  clock.flush()
  expect(keys).toEqual(['new'])
})

test('a task that cannot be watched ends it with that error', () => {
  const { pc, clock } = scripted((line) => (line.includes('/tasks/') ? { status: 403 } : { body: [] }))
  const errors: Array<unknown> = []
  for (const task_id of ['t', '']) {
    of({ task_id })
      .pipe(thenJobs(pc, { guid: 'g' }, second))
      .subscribe({ error: (error: unknown) => errors.push(error) })
  }
  clock.flush()
  expect(errors).toMatchObject([
    { _tag: 'HttpError', status: 403, path: '/v1/tasks/t' },
    { _tag: 'DecodeError', issues: [{ expected: 'an answer that names the job' }] },
  ])
})

test('leaving stops both the watch and the search', () => {
  const { pc, clock, lines } = course({ task: { at: 1e9 }, jobs: [] })
  const subscription = of({ task_id: 't' })
    .pipe(thenJobs(pc, { guid: 'g' }, second))
    .subscribe()
  clock.schedule(() => subscription.unsubscribe(), 2_500)
  clock.flush()
  expect(lines).toHaveLength(1 + 2 * 3)
})

test('what can never work is refused at the call', () => {
  const { pc } = course({ task: { at: 0 }, jobs: [] })
  expect(refusal(() => NEVER.pipe(thenJobs(pc, { guid: '' })))).toMatch(/^thenJobs: getJobs: guid must be/)
})
