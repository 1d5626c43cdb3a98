import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { reachesNode, setNode } from '../../../src/sandbox/connect/node.ts'
import { connectDefaults } from '../../../src/sandbox/connect/settings.ts'

function app(cluster: boolean, node: string): Hono {
  const server = { settings: { ...connectDefaults, cluster }, node }
  const routes = new Hono()
  routes.get('/set', (c) => {
    setNode(c, server)
    return c.text('set')
  })
  routes.get('/reaches', (c) => c.text(String(reachesNode(c, server))))
  return routes
}

test('in a cluster only the cookie of a node reaches it', async () => {
  const cookie = (await app(true, 'a').request('/set')).headers.get('set-cookie')?.split(';')[0] ?? ''
  const reaches = async (node: string, headers: Record<string, string>): Promise<string> =>
    (await app(true, node).request('/reaches', { headers })).text()
  expect(await Promise.all([reaches('a', { cookie }), reaches('b', { cookie }), reaches('a', {})])).toEqual([
    'true',
    'false',
    'false',
  ])
})

test('a single server sets no cookie and needs none', async () => {
  expect((await app(false, 'a').request('/set')).headers.get('set-cookie')).toBeNull()
  expect(await (await app(false, 'a').request('/reaches')).text()).toBe('true')
})
