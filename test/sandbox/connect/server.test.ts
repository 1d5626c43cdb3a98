import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { answerError, answerNoRoute, ConnectError } from '../../../sandbox/connect/errors.ts'
import { startSandbox } from '../../../sandbox/sandbox.ts'
import { connectOf, jsonOf, sandboxes, someText } from '../support.ts'

const start = sandboxes()

describe('the API', () => {
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

  test('an unknown path is a plain 404', async () => {
    const ask = connectOf(await start())
    for (const path of ['/v1/nothing', '/v2/content', '/v1/content/x/jobs/y/traces']) {
      const answer = await ask(path)
      expect(answer.status).toBe(404)
      expect(answer.headers.get('content-type')).toContain('text/plain')
      expect(await answer.text()).toBe('404 page not found')
    }
  })

  test('every lacking operation is a plain 404, the others are served', async () => {
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
})

describe('operations that the server lacks', () => {
  test('a lacking operation is an unknown route, the others are served', async () => {
    const sandbox = await startSandbox({ connect: { lacks: ['error'] } })
    try {
      const { guid, key } = sandbox.connect.feed()
      const ask = (what: string): Promise<Response> =>
        fetch(`${sandbox.connect.server}/__api__/v1/content/${guid}/jobs/${key}${what}`, {
          headers: { authorization: `Key ${sandbox.connect.apiKey}` },
        })
      const lacking = await ask('/error')
      expect([lacking.status, await lacking.text()]).toEqual([404, '404 page not found'])
      expect((await ask('')).status).toBe(200)
    } finally {
      await sandbox.close()
    }
  })
})

describe('server information', () => {
  test('answers its version and the owner of the key', async () => {
    const ask = connectOf(await start({ connect: { version: '2022.10.0' } }))
    expect(await jsonOf(ask('/server_settings'))).toMatchObject({ version: '2022.10.0' })
    expect(await jsonOf(ask('/v1/user'))).toMatchObject({ username: 'sandbox', guid: someText })
    expect(await jsonOf(ask('/v1/server_settings/python'))).toEqual({ installations: [] })
    expect((await ask('/v1/server_settings/cobol')).status).toBe(404)
  })
})

describe('error envelopes', () => {
  async function answerTo(thrown: Error): Promise<[number, unknown]> {
    const app = new Hono()
    app.get('/', () => {
      throw thrown
    })
    app.onError(answerError)
    const answer = await app.request('/')
    return [answer.status, await answer.json()]
  }

  test('an error has its status and the envelope', async () => {
    expect(await answerTo(new ConnectError(163))).toMatchObject([409, { code: 163, payload: null }])
    expect(await answerTo(new ConnectError(25, 'too long'))).toEqual([
      400,
      { code: 25, error: 'too long', payload: null },
    ])
  })

  test('an unexpected error is code 1', async () => {
    expect(await answerTo(new TypeError('odd'))).toMatchObject([500, { code: 1 }])
  })

  test('an unknown route has no envelope', async () => {
    const app = new Hono()
    app.all('*', answerNoRoute)
    const answer = await app.request('/x')
    expect([answer.status, await answer.text()]).toEqual([404, '404 page not found'])
  })
})
