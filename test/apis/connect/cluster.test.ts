// A cluster of two nodes that insists on its cookie, and the flows through it.
import crossFetch from 'cross-fetch'
import { firstValueFrom, lastValueFrom, type Observable, of, tap } from 'rxjs'
import { followJob, tailLog, thenWatch } from 'rxjobs'
import { type Chunk, fetchTransport, type Head, type Transport } from 'rxjobs/core'
import { type Connect, connect, type DeployEvent, deployAndFollow, thenFollowTask } from 'rxjobs/connect'
import type { Sandbox } from 'rxjobs/sandbox'
import { expect, test } from 'vitest'
import { bundleOf, sandboxes, textWith, until } from '../../sandbox/support.ts'
import { all, connectTo, errorOf } from '../support.ts'
import { published } from './publishing.ts'

const start = sandboxes()
const soon = { pollInterval: 5 }
const cluster = { connect: { cluster: true } }
const report = "console.log('rendered')"
const endless = "console.log('begun'); setInterval(() => {}, 1000)"

/** A transport that writes down the cookies of the requests that go through it. */
function noting(cookies: Array<string | undefined>, inner: Transport = fetchTransport()): Transport {
  return (request) => {
    cookies.push(request.headers.find(([name]) => name === 'cookie')?.[1])
    return inner(request)
  }
}

const refusals = ({ exchanges }: Sandbox): ReadonlyArray<string> =>
  exchanges.filter(({ status = 0 }) => status >= 400).map(({ path, status }) => `${path} ${status}`)

test.each([
  ['cross-fetch', crossFetch],
  ['the platform’s fetch', fetch],
])('with %s, deploy, task polls, tail and follow stay at one node', async (_, given) => {
  const sandbox = await start(cluster)
  const cookies: Array<string | undefined> = []
  const pc = connectTo(sandbox, { transport: noting(cookies, fetchTransport(given)) })
  const { guid } = await published(pc, 'quarto-static', report)
  const events = await all(pc.deployContent({ guid }).pipe(thenFollowTask(pc, { guid }, soon)))
  expect(events.at(-1)).toMatchObject({ _tag: 'Settled', outcome: { phase: 'succeeded', job: { jobs: [{}] } } })
  const tasks = events.flatMap(({ ref }) => ('taskId' in ref ? [ref] : []))
  for (const ref of tasks.slice(0, 1)) {
    expect((await firstValueFrom(pc.getTask({ id: ref.taskId, first: 1, wait: 1 }))).finished).toBe(true)
    expect((await all(tailLog(pc.tasks, ref, soon))).map((line) => 'data' in line && line.data)).toContain('rendered')
  }
  const jobs = new Map(events.flatMap(({ ref }) => ('key' in ref ? [[ref.key, ref]] : [])))
  for (const ref of jobs.values()) expect(await all(tailLog(pc.jobs, ref, soon))).toMatchObject([{ data: 'rendered' }])
  expect([tasks.length > 0, jobs.size]).toEqual([true, 1])
  expect(refusals(sandbox)).toEqual([])
  // The first request cannot have one yet.
  expect([cookies[0], new Set(cookies.slice(1)).size]).toEqual([undefined, 1])
  expect(cookies[1]).toMatch(/^sandbox-node=/)
})

test.each(['always', 'once', 'renewed'] as const)(
  'fifty deploys at once, as the first requests of a client, are each followed to the end: cookie set %s',
  async (nodeCookie) => {
    const sandbox = await start({ connect: { cluster: true, nodeCookie, settleMs: 0 } })
    const pc = connectTo(sandbox)
    const archive = await bundleOf('static', 'a.html', { 'a.html': '' })
    const deploy = (_: unknown, index: number): Observable<DeployEvent> =>
      deployAndFollow(pc, { name: `report-${index}`, archive }, { pollInterval: 100 })
    const ends = await Promise.all(Array.from({ length: 50 }, deploy).map((events) => lastValueFrom(events)))
    expect(new Set(ends.map((event) => event._tag === 'Settled' && event.outcome.phase))).toEqual(
      new Set(['succeeded']),
    )
    expect(refusals(sandbox)).toEqual([])
  },
)

/** Lets no cookie come back, as some proxies do. */
const withoutSetCookie =
  (transport: Transport): Transport =>
  (request) =>
    transport(request).pipe(
      tap((part: Head | Chunk) => {
        if ('headers' in part)
          Object.assign(part, { headers: part.headers.filter(([name]) => name.toLowerCase() !== 'set-cookie') })
      }),
    )

test.each([
  ['the option is off', { cookies: false }],
  ['the transport hides them', { transport: withoutSetCookie(fetchTransport()) }],
])('without cookies, because %s, a task is found on some reads only, and the error says why', async (_, options) => {
  const pc = connectTo(await start(cluster), options)
  const { guid } = await published(pc, 'quarto-static', endless)
  const { task_id: id } = await firstValueFrom(pc.deployContent({ guid }))
  const wrongNode = {
    _tag: 'HttpError',
    status: 404,
    code: 141,
    missing: 'object',
    path: `/__api__/v1/tasks/${id}`,
    message: textWith('start and poll it with one client, leave its cookies option on'),
  }
  expect(await errorOf(pc.getTask({ id }))).toMatchObject(wrongNode)
  expect(await errorOf(followJob(pc.tasks, { taskId: id }, soon))).toMatchObject(wrongNode)
  // Of a new task it is retried: found at one node, and not at the other.
  const watched = of({ task_id: id }).pipe(thenWatch(pc.tasks, { ...soon, random: () => 0, retry: { maxAttempts: 1 } }))
  expect(await errorOf(watched)).toMatchObject(wrongNode)
})

test('two clients have two sessions: what one was given, the other never sends', async () => {
  const sandbox = await start(cluster)
  const [ones, twos]: ReadonlyArray<Array<string | undefined>> = [[], []]
  const one = connectTo(sandbox, { transport: noting(ones ?? []) })
  const two = connectTo(sandbox, { transport: noting(twos ?? []) })
  const { guid } = await published(one, 'quarto-static', report)
  const { task_id: id } = await firstValueFrom(one.deployContent({ guid }))
  // The first one comes to the next node in turn, which is the other one.
  expect(await errorOf(two.getTask({ id }))).toMatchObject({ code: 141 })
  expect(await errorOf(two.getTask({ id }))).toMatchObject({ code: 141 })
  await until(
    () => firstValueFrom(one.getTask({ id })),
    ({ finished }) => finished,
  )
  const sent = (cookies = [undefined] as ReadonlyArray<string | undefined>): unknown => [...new Set(cookies)]
  expect([sent(ones), sent(twos)]).toEqual([
    [undefined, textWith('sandbox-node=')],
    [undefined, textWith('sandbox-node=')],
  ])
  expect(ones?.at(-1)).not.toBe(twos?.at(-1))
})

test('the cookies go to no other server, whichever was asked first', async () => {
  const [here, there] = [await start(cluster), await start(cluster)]
  const cookies: Array<string | undefined> = []
  const clients: ReadonlyArray<Connect> = [here, there].map(({ connect: { server, apiKey } }) =>
    connect({ server, apiKey, transport: noting(cookies) }),
  )
  for (const pc of [...clients, ...clients]) await published(pc, 'quarto-static', report)
  const [, one, , two] = cookies
  expect([one, two]).toEqual([textWith('sandbox-node='), textWith('sandbox-node=')])
  expect(one).not.toBe(two)
  // Two requests each, twice.
  expect(cookies).toEqual([undefined, one, undefined, two, one, one, two, two])
  expect([...refusals(here), ...refusals(there)]).toEqual([])
})

/** Follows a deploy of a program that does not end, and loses the task's node once the program has begun. */
function losing(sandbox: Sandbox, pc: Connect, guid: string): Observable<unknown> {
  let lost = false
  return pc.deployContent({ guid }).pipe(
    tap(({ task_id: id }) => {
      void until(
        () => firstValueFrom(pc.getTask({ id })),
        ({ output }) => output.includes('begun'),
      ).then(() => {
        lost = true
        sandbox.connect.loseNode(id)
      })
    }),
    // As any 404 of what was just submitted it is retried.
    thenFollowTask(pc, { guid }, { ...soon, retry: { maxAttempts: 2 } }),
    tap({ error: () => expect(lost).toBe(true) }),
  )
}

test('a node that goes takes its tasks along, which is said; the client goes on with another', async () => {
  const sandbox = await start(cluster)
  const cookies: Array<string | undefined> = []
  const pc = connectTo(sandbox, { transport: noting(cookies) })
  const { guid } = await published(pc, 'quarto-static', endless)
  expect(await errorOf(losing(sandbox, pc, guid))).toMatchObject({
    status: 404,
    code: 141,
    message: textWith('the node that had the task is gone: see the jobs of the content'),
  })
  // They do, and the next deploy is none the worse for it.
  expect(await firstValueFrom(pc.getJobs({ guid }))).toMatchObject([{ status: 0 }])
  const archive = await bundleOf('quarto-static', 'r.mjs', { 'r.mjs': report })
  const events = await all(deployAndFollow(pc, { guid, archive }, soon))
  expect(events.at(-1)).toMatchObject({ _tag: 'Settled', outcome: { phase: 'succeeded' } })
  expect(new Set(cookies.filter((cookie) => cookie !== undefined)).size).toBeGreaterThan(1)
})

/** Runs something the first time that it is called, and never again. */
function once(run: () => void): () => void {
  let ran = false
  return () => {
    if (ran) return
    ran = true
    run()
  }
}

test('a log goes on at another node when its own goes, without a line lost or told twice', async () => {
  const sandbox = await start(cluster)
  const pc = connectTo(sandbox)
  const { guid } = await published(pc, 'quarto-static', endless)
  const { task_id: id } = await firstValueFrom(pc.deployContent({ guid }))
  const job = sandbox.connect.feed({ guid })
  const write = (...lines: ReadonlyArray<string>): void =>
    job.write(lines.map((data) => ({ source: 'stdout', data }) as const))
  write('one', 'two')
  // Each once: a slow machine may need more than one try, and a tail may be opened again at the end.
  const away = once(() => write('while away'))
  const back = once(() => {
    write('back')
    job.finish()
  })
  let reconnected = false
  const lines = await all(
    tailLog(pc.jobs, job, {
      ...soon,
      onConnection: ({ channel, state, attempt }) => {
        if (channel !== 'live') return
        if (state === 'retrying') away()
        if (state === 'open' && reconnected) back()
        reconnected ||= attempt > 0
      },
    }).pipe(
      tap((line) => {
        if (line._tag === 'Line' && line.data === 'two') sandbox.connect.loseNode(id)
      }),
    ),
  )
  expect(lines.map((line) => (line._tag === 'Line' ? line.data : line.reason))).toEqual([
    ...['one', 'two', 'while away', 'back'],
  ])
})
