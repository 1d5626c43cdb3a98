import { Hono } from 'hono'
import { balancer } from './balancer.ts'
import type { Bundle } from './bundle.ts'
import type { Connect, ConnectApp, ConnectEnv } from './connect.ts'
import type { Content } from './contents.ts'
import { launch, modeOf, runningApps } from './publish.ts'

/**
 * `GET /content/{guid}/`: what a visitor sees, and what starts an app that does not run yet. Below
 * `/content/{guid}/_bundle{id}/` a draft is looked at before it is activated.
 */
export function visitApp(connect: Connect): ConnectApp {
  const app: ConnectApp = new Hono<ConnectEnv>()
  app.use('/content/*', balancer(connect))
  app.get('/content/:guid/*', async (c) => {
    const content = connect.contents.find(c.req.param('guid'))
    if (content === undefined) return c.text('There is no such content.', 404)
    const draft = /^\/content\/[^/]+\/_bundle(\d+)(?:\/|$)/.exec(c.req.path)?.[1]
    const bundle = draft === undefined ? content.active : content.bundles.find(({ id }) => String(id) === draft)
    if (draft !== undefined && bundle === undefined) return c.text('There is no such bundle.', 404)
    try {
      if (bundle !== undefined) await wake(connect, content, bundle)
    } catch (error) {
      return c.text(error instanceof Error ? error.message : 'Unable to launch.', 502)
    }
    return c.html(`<!doctype html><title>Content</title><p>${content.guid.replace(/[<&]/g, '')}</p>`)
  })
  return app
}

async function wake(connect: Connect, content: Content, bundle: Bundle): Promise<void> {
  if (modeOf(bundle).kind !== 'app') return
  if (runningApps(connect, content).some(({ origin }) => origin.bundleId === bundle.id)) return
  await launch(connect, content, bundle, () => undefined)
}
