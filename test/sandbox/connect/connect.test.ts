import { expect, test } from 'vitest'
import { startSandbox } from '../../../sandbox/sandbox.ts'

test('an operation that the server lacks is no route at all, and the others are there', async () => {
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
