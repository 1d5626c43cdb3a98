import type { Sandbox } from 'rxjobs/sandbox'
import { expect, test } from 'vitest'
import { bundleOf, connectOf, field, post, sandboxes, upload } from '../support.ts'

const start = sandboxes()

/** Asks for something and gives the cookie that the answer sets. */
async function nodeOf({ connect }: Sandbox, path = '/__api__/v1/user', cookie?: string): Promise<string> {
  const headers = { authorization: `Key ${connect.apiKey}`, ...(cookie === undefined ? {} : { cookie }) }
  const answer = await fetch(connect.server + path, { headers })
  return answer.headers.getSetCookie().join()
}
const pair = (setCookie: string): string => setCookie.split(';', 1)[0] ?? ''

test('two nodes take turns; with its cookie a session stays at one', async () => {
  const sandbox = await start({ connect: { cluster: true } })
  const [one, two, three] = [await nodeOf(sandbox), await nodeOf(sandbox), await nodeOf(sandbox)]
  expect(one).toMatch(/^sandbox-node=[^;]+; Path=\/; HttpOnly$/)
  expect([two === one, three === one]).toEqual([false, true])
  for (const path of ['/__api__/v1/user', '/__api__/v1/content/none', '/content/none/']) {
    expect(await nodeOf(sandbox, path, pair(two))).toBe(two)
  }
})

test('every answer sets it: an error, a tail, a visit', async () => {
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

test('a node that goes breaks its answers off, and its cookie leads to another', async () => {
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
