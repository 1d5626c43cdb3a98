import { getCookie } from 'hono/cookie'
import type { MiddlewareHandler } from 'hono'
import type { Connect, ConnectEnv } from './connect.ts'

const cookie = 'sandbox-node'

/**
 * Leads each request to a node. Before a cluster it is a load balancer with sticky sessions: it sets a cookie that names
 * the node, and who sends it along comes to the same one as long as there is that node.
 */
export function balancer({ settings, nodes }: Pick<Connect, 'settings' | 'nodes'>): MiddlewareHandler<ConnectEnv> {
  return async (c, next) => {
    const { outgoing } = c.env
    const node = nodes.pick(getCookie(c, cookie))
    c.set('node', node)
    // On the answer itself: a tail writes its own head.
    if (settings.cluster) outgoing.setHeader('Set-Cookie', `${cookie}=${node.name}; Path=/; HttpOnly`)
    node.open.add(outgoing)
    outgoing.once('close', () => node.open.delete(outgoing))
    await next()
  }
}
