import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { field, jsonOf, sandboxes, someText } from '../support.ts'

const start = sandboxes()

test('gives a token for the right client, and OAuth errors for anything else', async () => {
  const { url } = await start({ clientId: 'me', clientSecret: 'mine', genesys: { tokenSeconds: 120 } })
  const ask = (secret: string, body: string): Promise<Response> =>
    fetch(`${url}/oauth/token`, { method: 'POST', headers: { authorization: `Basic ${btoa(`me:${secret}`)}` }, body })
  const token = await jsonOf(ask('mine', 'grant_type=client_credentials'))
  expect(token).toEqual({ access_token: someText, token_type: 'bearer', expires_in: 120 })
  expect(field(token, 'access_token').length).toBeGreaterThan(20)
  const wrong = await ask('yours', 'grant_type=client_credentials')
  expect([wrong.status, await wrong.json()]).toEqual([401, { error: 'invalid_client', error_description: someText }])
  const other = await ask('mine', 'grant_type=password')
  expect([other.status, await other.json()]).toMatchObject([400, { error: 'unsupported_grant_type' }])
})

test('a client that goes away in the middle of its request is no news for the terminal', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const sandbox = await start({ clientId: 'me', clientSecret: 'mine' })
  const { hostname, port } = new URL(sandbox.url)
  const socket = connect(Number(port), hostname)
  const closed = sandbox.closed()
  socket.write(
    `POST /oauth/token HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ${btoa('me:mine')}\r\nContent-Length: 100\r\n\r\ngrant`,
  )
  await vi.waitFor(() => expect(sandbox.inFlight()).toBe(1))
  socket.destroy()
  expect((await closed).aborted).toBe(true)
  expect((await fetch(sandbox.url)).status).toBe(404)
  expect(told.mock.calls).toEqual([])
  told.mockRestore()
})
