import { expect, test } from 'vitest'
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
