import { expect, test } from 'vitest'
import { defaultFetch } from '../../src/core/default-fetch.ts'
import { fetchTransport } from '../../src/core/fetch-transport.ts'
import { outcomeOf } from './support/outcome.ts'
import { servers } from './support/server.ts'

const serve = servers()

test('it is cross-fetch: node-fetch on Node', async () => {
  const { url, seen } = await serve((_, response) => response.end('fine'))
  const { completed } = await outcomeOf(fetchTransport(defaultFetch())({ method: 'GET', url, headers: [] }))
  expect(completed).toBe(true)
  expect(seen[0]?.headers['user-agent']).toMatch(/^node-fetch/)
})
