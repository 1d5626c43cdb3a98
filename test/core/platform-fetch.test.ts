import { expect, test } from 'vitest'
import { fetchTransport } from '../../src/core/fetch-transport.ts'
import { defaultFetch } from '../../src/core/platform-fetch.ts'
import { outcomeOf } from './support/outcome.ts'
import { servers } from './support/server.ts'

const serve = servers()

test('it is the platform’s own: undici on Node', async () => {
  const { url, seen } = await serve((_, response) => response.end('fine'))
  const { completed } = await outcomeOf(fetchTransport(defaultFetch())({ method: 'GET', url, headers: [] }))
  expect(completed).toBe(true)
  expect(seen[0]?.headers['user-agent']).toBe('node')
})
