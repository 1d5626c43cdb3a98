import { type Bundle, isRendered, modeOf } from './bundle.ts'
import { bundleOf } from './bundle-routes.ts'
import type { Node, Task } from './cluster.ts'
import type { Connect, ConnectApp } from './connect.ts'
import { readBody } from './content-routes.ts'
import type { Content } from './contents.ts'
import { ConnectError } from './errors.ts'
import { build, deploy, draft, launch, render, runningApps } from './publish.ts'
import { variantIdOf } from './start.ts'

/** The calls that start a task: deploy, build and render. */
export function publishRoutes(app: ConnectApp, connect: Connect): void {
  const { contents } = connect

  if (connect.has('deploy')) {
    app.post('/v1/content/:guid/deploy', async (c) => {
      const content = contents.byGuid(c.req.param('guid'))
      const body = await readBody(c.env.incoming)
      const bundle = bundleOf(content, body['bundle_id'])
      modeOf(bundle)
      // A draft is not started; it is visited before a second deploy activates it.
      const work = body['activate'] === false ? draft : deploy
      const task = c.var.node.tasks.start((log) => work(connect, content, bundle, log))
      return c.json({ task_id: task.id }, 202)
    })
  }
  if (connect.has('build')) {
    app.post('/v1/content/:guid/build', async (c) => {
      const content = contents.byGuid(c.req.param('guid'))
      const { bundle_id: id = content.active?.id, activate } = await readBody(c.env.incoming)
      const bundle = bundleOf(content, id)
      modeOf(bundle)
      const task = c.var.node.tasks.start(async (log) => {
        await build(connect, content, bundle, log)
        if (activate !== false) content.active = bundle
      })
      return c.json({ task_id: task.id })
    })
  }
  if (connect.has('variants')) {
    app.get('/applications/:guid/variants', (c) => {
      const content = contents.byGuid(c.req.param('guid'))
      const { active } = content
      return c.json(active !== undefined && isRendered(active) ? [variantItem(content, active)] : [])
    })
  }
  if (connect.has('renderContent')) {
    app.post('/v1/content/:guid/render', async (c) => {
      const content = contents.byGuid(c.req.param('guid'))
      const { variant_key: key = content.variantKey } = await readBody(c.env.incoming)
      if (key !== content.variantKey) throw new ConnectError(4, 'There is no variant with that key.')
      return c.json({ task_id: startRender(connect, content, c.var.node).id }, 202)
    })
  }
  if (connect.has('render')) {
    app.post('/variants/:id/render', (c) => {
      const content = contents.byId(String(Number(c.req.param('id')) - variantIdOf({ id: 0 })))
      return c.json(startRender(connect, content, c.var.node).item(0))
    })
  }
}

/** Renders the active bundle. Throws code 39 for content that is not rendered. */
function startRender(connect: Connect, content: Content, node: Node): Task {
  const { active } = content
  if (active === undefined || !isRendered(active)) throw new ConnectError(39)
  return node.tasks.start((log) => render(connect, content, active, log))
}

/** The longest wait, in seconds. */
const maxWait = 20

/** `GET /v1/tasks/{id}`: answers when the task is finished or the wait is over, not on new output. */
export function taskRoute(app: ConnectApp, connect: Connect): void {
  app.get('/v1/tasks/:id', async (c) => {
    const first = readInteger(c.req.query('first'), Number.MAX_SAFE_INTEGER)
    const wait = readInteger(c.req.query('wait'), maxWait)
    const task = c.var.node.tasks.find(c.req.param('id'))
    // A node of a cluster cannot know whether another node has it.
    if (task === undefined) throw new ConnectError(connect.settings.cluster ? 141 : 4)
    await task.wait(wait * 1000)
    return c.json(task.item(first))
  })
}

function readInteger(text: string | undefined, max: number): number {
  if (text === undefined) return 0
  if (!/^\d{1,9}$/.test(text) || Number(text) > max) throw new ConnectError(25)
  return Number(text)
}

function variantItem(content: Content, bundle: Bundle): object {
  return {
    id: variantIdOf(content),
    app_id: content.id,
    key: content.variantKey,
    bundle_id: bundle.id,
    is_default: true,
    name: 'default',
    created_time: content.createdTime,
    visibility: 'public',
  }
}

/**
 * `GET /content/{guid}/`: the page of a visitor, which starts an app that does not run yet. Drafts are below
 * `/content/{guid}/_bundle{id}/`.
 */
export function visitRoute(app: ConnectApp, connect: Connect): void {
  app.get('/content/:guid/*', async (c) => {
    const content = connect.contents.find(c.req.param('guid'))
    if (content === undefined) return c.text('There is no such content.', 404)
    const draft = /^\/content\/[^/]+\/_bundle(\d+)(?:\/|$)/.exec(c.req.path)?.[1]
    const bundle = draft === undefined ? content.active : content.bundles.find(({ id }) => String(id) === draft)
    if (draft !== undefined && bundle === undefined) return c.text('There is no such bundle.', 404)
    try {
      if (bundle !== undefined) await startApp(connect, content, bundle)
    } catch (error) {
      return c.text(error instanceof Error ? error.message : 'Unable to launch.', 502)
    }
    return c.html(`<!doctype html><title>Content</title><p>${content.guid.replace(/[<&]/g, '')}</p>`)
  })
}

async function startApp(connect: Connect, content: Content, bundle: Bundle): Promise<void> {
  if (modeOf(bundle).kind !== 'app') return
  if (runningApps(connect, content).some(({ origin }) => origin.bundleId === bundle.id)) return
  await launch(connect, content, bundle, () => undefined)
}
