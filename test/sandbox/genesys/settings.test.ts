import { expect, test } from 'vitest'
import { genesysDefaults } from '../../../sandbox/genesys/settings.ts'
import { startSandbox } from '../../../sandbox/sandbox.ts'

test('a token lives as long as the settings say', async () => {
  const lifetimeOf = async (tokenSeconds?: number): Promise<unknown> => {
    const sandbox = await startSandbox(tokenSeconds === undefined ? {} : { genesys: { tokenSeconds } })
    try {
      const { clientId, clientSecret, loginUrl } = sandbox.genesys
      const answer = await fetch(`${loginUrl}/oauth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      })
      const body: unknown = await answer.json()
      return body
    } finally {
      await sandbox.close()
    }
  }
  expect(await lifetimeOf()).toMatchObject({ expires_in: genesysDefaults.tokenSeconds })
  expect(await lifetimeOf(7)).toMatchObject({ expires_in: 7 })
})
