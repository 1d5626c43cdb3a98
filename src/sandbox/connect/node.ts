import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Connect } from './connect.ts'

const name = 'sandbox-node'

/** Names this node of a cluster in a cookie, which the polls of a task then have to carry. */
export function setNode(c: Context, { settings, node }: Pick<Connect, 'settings' | 'node'>): void {
  if (settings.cluster) setCookie(c, name, node, { path: '/', httpOnly: true })
}

/** Whether the request would reach the node that has its task. */
export function reachesNode(c: Context, { settings, node }: Pick<Connect, 'settings' | 'node'>): boolean {
  return !settings.cluster || getCookie(c, name) === node
}
