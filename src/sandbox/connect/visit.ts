import { Hono } from 'hono'
import type { Connect } from './connect.ts'
import { launch, modeOf, runningApp } from './publish.ts'

/** `GET /content/{guid}/`: what a visitor sees, and what starts an app that does not run yet. */
export function visitApp(connect: Connect): Hono {
  const app = new Hono()
  app.get('/content/:guid/*', async (c) => {
    const content = connect.contents.find(c.req.param('guid'))
    if (content === undefined) return c.text('There is no such content.', 404)
    const { active } = content
    if (active !== undefined && modeOf(active).kind === 'app' && runningApp(connect, content) === undefined) {
      try {
        await launch(connect, content, active, () => undefined)
      } catch (error) {
        return c.text(error instanceof Error ? error.message : 'Unable to launch.', 502)
      }
    }
    return c.html(`<!doctype html><title>Content</title><p>${content.guid.replace(/[<&]/g, '')}</p>`)
  })
  return app
}
