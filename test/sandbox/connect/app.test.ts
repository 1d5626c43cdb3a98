import { expect, test } from 'vitest'
import { connectOf, sandboxes } from '../support.ts'

const start = sandboxes()

test.each([undefined, 'Key wrong', 'Bearer x', 'Key '])(
  'the authorization %s gets 401 with code 24',
  async (authorization) => {
    const { url } = await start({ apiKey: 'the-right-key' })
    const answer = await fetch(
      `${url}/__api__/v1/user`,
      authorization === undefined ? {} : { headers: { authorization } },
    )
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 24, payload: null }])
  },
)

test('a path that is not served is a plain 404', async () => {
  const ask = connectOf(await start())
  for (const path of ['/v1/nothing', '/v2/content', '/v1/content/x/jobs/y/traces']) {
    const answer = await ask(path)
    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toContain('text/plain')
    expect(await answer.text()).toBe('404 page not found')
  }
})

test('so is every operation that the server lacks, and only those', async () => {
  const sandbox = await start({ connect: { lacks: ['log', 'tail', 'error', 'download', 'kill', 'tasks', 'user'] } })
  const ask = connectOf(sandbox)
  const { guid, key } = sandbox.connect.feed()
  const job = `/v1/content/${guid}/jobs/${key}`
  for (const path of [`${job}/log`, `${job}/tail`, `${job}/error`, `${job}/download`, '/v1/tasks/x', '/v1/user']) {
    expect(await (await ask(path)).text()).toBe('404 page not found')
  }
  expect(await (await ask(job, { method: 'DELETE' })).text()).toBe('404 page not found')
  expect((await ask(job)).status).toBe(200)
  expect((await ask('/server_settings')).status).toBe(200)
})
