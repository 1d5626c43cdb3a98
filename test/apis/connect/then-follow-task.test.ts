import { NEVER, of } from 'rxjs'
import { every } from 'rxjobs'
import { thenFollowTask } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { sandboxes, someText, textWith, until } from '../../sandbox/support.ts'
import { all, connectTo, refusal } from '../support.ts'
import { course, published, scripted } from './publishing.ts'

const start = sandboxes()
const soon = { cadence: every(10) }

test('a render that fails: code and error of the task, exit code and logged error of the job, and both logs', async () => {
  const pc = connectTo(await start())
  const program = "console.error('no such column'); console.log('Error code: no-column'); process.exitCode = 4"
  const { guid } = await published(pc, 'quarto-static', program)
  const events = await all(pc.deployContent({ guid }).pipe(thenFollowTask(pc, { guid }, soon)))
  const lines = events.flatMap((event) => (event._tag === 'Line' ? [event] : []))
  const ofTask = lines.filter(({ ref }) => 'taskId' in ref).map(({ data }) => data)
  const ofJob = lines.flatMap(({ ref, source, data }) => ('key' in ref ? [`${source} ${data}`] : []))
  expect(ofTask).toEqual(expect.arrayContaining(['Rendering...', 'no such column']))
  expect([...ofJob].sort()).toEqual(['stderr no such column', 'stdout Error code: no-column'])
  expect(events.filter(({ _tag }) => _tag === 'Settled')).toHaveLength(1)
  expect(events.at(-1)).toMatchObject({
    _tag: 'Settled',
    ref: { taskId: someText },
    outcome: {
      phase: 'failed',
      job: {
        task: { finished: true, code: 1 },
        jobs: [{ phase: 'failed', job: { tag: 'build_report', exit_code: 4 } }],
      },
      failure: {
        _tag: 'Some',
        value: {
          task: { _tag: 'Some', value: { code: 1, error: textWith('exit status 4') } },
          jobs: [
            {
              ref: { guid, key: someText },
              exitCode: 4,
              error: { value: { code: 'no-column', summary: 'no such column' } },
            },
          ],
          visit: { _tag: 'None' },
        },
      },
      failureError: { _tag: 'None' },
    },
  })
})

test('an app that cannot start with its first visit', async () => {
  const pc = connectTo(await start({ connect: { appsStart: 'visit' } }))
  const { guid } = await published(pc, 'python-api', "throw new Error('no database')")
  const events = await all(pc.deployContent({ guid }).pipe(thenFollowTask(pc, { guid }, { ...soon, visit: true })))
  expect(events.at(-1)).toMatchObject({
    outcome: {
      phase: 'failed',
      failure: {
        value: {
          task: { _tag: 'None' },
          jobs: [{ exitCode: 1, error: { value: { code: 'app-exited' } } }],
          visit: { value: { _tag: 'HttpError', status: 502 } },
        },
      },
    },
  })
})

test('an app that goes on is left, its first lines told', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const { guid } = await published(pc, 'nodejs', "console.log('listening'); setInterval(() => {}, 1000)")
  const flow = pc.deployContent({ guid }).pipe(thenFollowTask(pc, { guid }, { ...soon, apps: 'leave' }))
  const events = await all(flow)
  expect(events.at(-1)).toMatchObject({
    outcome: { phase: 'succeeded', job: { jobs: [{ phase: 'running', job: { status: 0 } }] } },
  })
  await until(
    () => sandbox.inFlight(),
    (open) => open === 0,
  )
})

test('how the list is doing is told with the content as its reference, and to onConnection', () => {
  let failures = 1
  const { pc, clock } = scripted((line) => {
    if (line.endsWith('/jobs')) return failures-- > 0 ? { status: 503 } : { body: [] }
    return { body: { id: 't', output: [], finished: true, code: 0 } }
  })
  const told: Array<string> = []
  const heard: Array<string> = []
  of({ task_id: 't' })
    .pipe(
      thenFollowTask(
        pc,
        { guid: 'g' },
        { onConnection: ({ ref, to, state }) => void heard.push(`${JSON.stringify(ref)} ${to} ${state}`) },
      ),
    )
    .subscribe((event) => {
      if (event._tag === 'Connection' && 'guid' in event.ref) told.push(`${event.ref.guid} ${event.to} ${event.state}`)
    })
  clock.flush()
  expect(told).toEqual(['g status retrying', 'g status open'])
  expect(heard).toEqual([
    '{"guid":"g"} status retrying',
    '{"guid":"g"} status open',
    '{"taskId":"t"} status open',
    '{"taskId":"t"} log open',
  ])
})

test('leaving ends every request', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const { guid } = await published(pc, 'quarto-static', 'setInterval(() => console.log("going on"), 20)')
  const open = (part: string): boolean => sandbox.inFlight(({ path }) => path.includes(part)) > 0
  const leaving = new Promise<void>((resolve) => {
    const subscription = pc
      .deployContent({ guid })
      .pipe(thenFollowTask(pc, { guid }, soon))
      .subscribe(() => {
        if (!open('/tail') || !open('/tasks/')) return
        subscription.unsubscribe()
        resolve()
      })
  })
  await leaving
  await until(
    () => sandbox.inFlight(),
    (still) => still === 0,
  )
  const aborted = sandbox.exchanges.filter((exchange) => exchange.aborted).map(({ path }) => path)
  for (const part of ['/tail', '/tasks/']) expect(aborted.some((path) => path.includes(part))).toBe(true)
})

test('what can never work is refused at the call', () => {
  const { pc } = course({ task: { at: 0 }, jobs: [] })
  expect(refusal(() => NEVER.pipe(thenFollowTask(pc, { guid: '..' })))).toMatch(
    /^thenFollowTask: getJobs: guid must be/,
  )
})
