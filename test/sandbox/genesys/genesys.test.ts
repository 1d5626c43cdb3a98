import { expect, test } from 'vitest'
import { startSandbox } from '../../../sandbox/sandbox.ts'

test('two sandboxes know nothing of each other', async () => {
  const [one, other] = await Promise.all([startSandbox(), startSandbox()])
  try {
    const { clientId, clientSecret } = one.genesys
    const login = (url: string): Promise<Response> =>
      fetch(`${url}/oauth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      })
    const answers = await Promise.all([login(one.genesys.loginUrl), login(other.genesys.loginUrl)])
    expect(answers.map(({ ok }) => ok)).toEqual([true, false])
  } finally {
    await Promise.all([one.close(), other.close()])
  }
})
