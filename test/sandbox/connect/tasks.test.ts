import type { Sandbox } from 'rxjobs/sandbox'
import { describe, expect, test, vi } from 'vitest'
import { type Node, Nodes, Tasks } from '../../../sandbox/connect/cluster.ts'
import { Timers } from '../../../sandbox/time.ts'
import { bundleOf, connectOf, field, jsonOf, post, sandboxes, until, upload } from '../support.ts'

const start = sandboxes()

describe('a task', () => {
  test('has its output from a line on, and its result', async () => {
    const tasks = new Tasks(new Timers())
    const task = tasks.start((say) => {
      for (const line of ['a', 'b', 'c']) say(line)
      return Promise.resolve()
    })
    expect(tasks.find(task.id)).toBe(task)
    expect(task.item(0)).toMatchObject({ finished: false, last: 3 })
    await task.wait(1000)
    expect(task.item(2)).toEqual({
      id: task.id,
      output: ['c'],
      finished: true,
      code: 0,
      error: '',
      last: 3,
      result: null,
    })
    expect(task.item(9).output).toEqual([])
  })

  test("an exception of the work is the task's error", async () => {
    const task = new Tasks(new Timers()).start(() => Promise.reject(new Error('no room')))
    await task.wait(1000)
    expect(task.item(0)).toMatchObject({ finished: true, code: 1, error: 'no room' })
  })

  test('a wait does not end with new output', async () => {
    vi.useFakeTimers()
    try {
      let speak: (line: string) => void = () => undefined
      const task = new Tasks(new Timers()).start((say) => {
        speak = say
        return new Promise(() => undefined)
      })
      let over = false
      const waiting = task.wait(2000).then(() => (over = true))
      speak('still at it')
      await vi.advanceTimersByTimeAsync(1999)
      expect(over).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      await waiting
      expect(task.item(0)).toMatchObject({ finished: false, last: 1 })
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('GET /v1/tasks', () => {
  test('sends the output from a line on, and waits for the end', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const script = 'pwd; while [ ! -e go ]; do sleep 0.01; done; echo two'
    const { guid } = await upload(ask, await bundleOf('quarto-static', 'r.sh', { 'r.sh': script }))
    const id = field(await jsonOf(ask(`/v1/content/${guid}/deploy`, post({}))), 'task_id')
    const read = (query: string): Promise<unknown> => jsonOf(ask(`/v1/tasks/${id}${query}`))
    const early = await until(
      () => read(''),
      (task) => JSON.stringify(task).includes('work-'),
    )
    expect(early).toMatchObject({ finished: false, code: 0, error: '', result: null })
    const waiting = read('?first=3&wait=20')
    await sandbox.connect.start({ command: ['touch', `${directoryOf(early)}/go`] })
    expect(await waiting).toMatchObject({ finished: true, output: ['two', 'Deployed.'], last: 5 })
    expect(await read('?first=4&wait=1')).toMatchObject({ output: ['Deployed.'], last: 5 })
  })

  test('in a cluster only the node that started a task knows it; others answer code 141', async () => {
    const ask = connectOf(await start({ connect: { cluster: true } }))
    const { guid } = await upload(ask, await bundleOf('static', 'a.html', { 'a.html': '' }))
    const answer = await ask(`/v1/content/${guid}/deploy`, post({}))
    const id = field(await answer.json(), 'task_id')
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    expect(await jsonOf(ask(`/v1/tasks/${id}?wait=5`, { headers: { cookie } }))).toMatchObject({ finished: true })
    const inTurn = [await ask(`/v1/tasks/${id}`), await ask(`/v1/tasks/${id}`), await ask(`/v1/tasks/${id}`)]
    expect(inTurn.map(({ status }) => status)).toEqual([404, 200, 404])
    expect(await inTurn[0]?.json()).toMatchObject({ code: 141 })
    const nobodys = await ask('/v1/tasks/any', { headers: { cookie } })
    expect([nobodys.status, await nobodys.json()]).toMatchObject([404, { code: 141 }])
  })

  test.each([
    ['always', 1, [1, 1]],
    ['once', 1, [0, 0]],
    ['renewed', 3, [1, 1]],
  ] as const)('a cluster that sets its cookie %s: %i values', async (nodeCookie, values, times) => {
    const ask = connectOf(await start({ connect: { cluster: true, nodeCookie } }))
    const { guid } = await upload(ask, await bundleOf('static', 'a.html', { 'a.html': '' }))
    const answer = await ask(`/v1/content/${guid}/deploy`, post({}))
    const id = field(await answer.json(), 'task_id')
    let cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const seen = [cookie]
    for (const count of times) {
      const read = await ask(`/v1/tasks/${id}`, { headers: { cookie } })
      const set = read.headers.getSetCookie()
      expect([read.status, set.length]).toEqual([200, count])
      for (const one of set) seen.push((cookie = one.split(';')[0] ?? ''))
    }
    expect(new Set(seen).size).toBe(values)
  })

  test.each(['?wait=21', '?wait=x', '?first=-1', '?first=1.5'])('%s is code 25', async (query) => {
    const answer = await connectOf(await start())(`/v1/tasks/any${query}`)
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 25 }])
  })

  test('an unknown task is code 4', async () => {
    const answer = await connectOf(await start())('/v1/tasks/any')
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 4 }])
  })

  /** Where the bundle's script runs, as it printed it. */
  function directoryOf(task: unknown): string {
    return /"(\/[^"]*work-\w+)"/.exec(JSON.stringify(task))?.[1] ?? ''
  }
})

describe('nodes', () => {
  const work = (): Promise<void> => Promise.resolve()
  const names = (nodes: ReadonlyArray<Node>): ReadonlyArray<string> => nodes.map(({ name }) => name)

  test('a name picks its node; otherwise nodes take turns', () => {
    const nodes = new Nodes(2, new Timers())
    const [one, two] = [nodes.pick(undefined), nodes.pick('nobody')]
    expect(one).not.toBe(two)
    expect(names([nodes.pick(undefined), nodes.pick(two.name), nodes.pick(two.name), nodes.pick(undefined)])).toEqual(
      names([one, two, two, two]),
    )
  })

  test('each node has its own tasks', () => {
    const nodes = new Nodes(2, new Timers())
    const [one, two] = [nodes.pick(undefined), nodes.pick(undefined)]
    const task = one.tasks.start(work)
    expect([one.tasks.find(task.id), two.tasks.find(task.id)]).toEqual([task, undefined])
  })

  test('a lost node is replaced by a new one without its tasks', () => {
    const nodes = new Nodes(2, new Timers())
    const [one, two] = [nodes.pick(undefined), nodes.pick(undefined)]
    const task = one.tasks.start(work)
    const other = two.tasks.start(work)
    nodes.lose(task.id)
    const met = new Set([nodes.pick(one.name), nodes.pick(one.name)])
    expect([met.size, met.has(two), met.has(one)]).toEqual([2, true, false])
    expect([...met].map(({ tasks }) => [tasks.find(task.id), tasks.find(other.id)])).toContainEqual([undefined, other])
    expect(() => nodes.lose(task.id)).toThrow(`No node has the task ${task.id}.`)
  })
})

describe('the load balancer', () => {
  /** Asks for something and gives the cookie that the answer sets. */
  async function nodeOf({ connect }: Sandbox, path = '/__api__/v1/user', cookie?: string): Promise<string> {
    const headers = { authorization: `Key ${connect.apiKey}`, ...(cookie === undefined ? {} : { cookie }) }
    const answer = await fetch(connect.server + path, { headers })
    return answer.headers.getSetCookie().join()
  }
  const pair = (setCookie: string): string => setCookie.split(';', 1)[0] ?? ''

  test('two nodes take turns; the cookie keeps a session at one', async () => {
    const sandbox = await start({ connect: { cluster: true } })
    const [one, two, three] = [await nodeOf(sandbox), await nodeOf(sandbox), await nodeOf(sandbox)]
    expect(one).toMatch(/^sandbox-node=[^;]+; Path=\/; HttpOnly$/)
    expect([two === one, three === one]).toEqual([false, true])
    for (const path of ['/__api__/v1/user', '/__api__/v1/content/none', '/content/none/']) {
      expect(await nodeOf(sandbox, path, pair(two))).toBe(two)
    }
  })

  test('errors, tails and visits set the cookie', async () => {
    const sandbox = await start({ connect: { cluster: true } })
    const { guid, key } = sandbox.connect.feed()
    for (const path of ['/__api__/none', `/__api__/v1/content/${guid}/jobs/${key}/tail`, `/content/${guid}/`]) {
      expect(await nodeOf(sandbox, path)).toMatch(/^sandbox-node=/)
    }
  })

  test('a single server sets no cookie', async () => {
    const sandbox = await start()
    expect([await nodeOf(sandbox), await nodeOf(sandbox, '/content/none/')]).toEqual(['', ''])
  })

  test('losing a node breaks its responses; its cookie leads to another node', async () => {
    const sandbox = await start({ connect: { cluster: true } })
    const ask = connectOf(sandbox)
    const { guid } = await upload(
      ask,
      await bundleOf('quarto-static', 'r.mjs', { 'r.mjs': 'setInterval(() => {}, 1000)' }),
    )
    const deployed = await ask(`/v1/content/${guid}/deploy`, post({}))
    const cookie = pair(deployed.headers.getSetCookie().join())
    const id = field(await deployed.json(), 'task_id')
    const waiting = ask(`/v1/tasks/${id}?wait=20`, { headers: { cookie } })
    const tail = `/v1/content/${guid}/jobs/${sandbox.connect.feed({ guid }).key}/tail`
    const [own, elsewhere] = [await ask(tail, { headers: { cookie } }), await ask(tail)]
    sandbox.connect.loseNode(id)
    await expect(waiting).rejects.toThrow()
    await expect(own.text()).rejects.toThrow()
    const lost = await ask(`/v1/tasks/${id}`, { headers: { cookie } })
    expect([lost.status, await lost.json()]).toMatchObject([404, { code: 141 }])
    expect(pair(lost.headers.getSetCookie().join())).not.toBe(cookie)
    expect(sandbox.inFlight(({ path }) => path.endsWith('/tail'))).toBe(1)
    await elsewhere.body?.cancel()
  })
})
