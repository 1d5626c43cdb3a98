import { randomUUID } from 'node:crypto'
import type { Bundle } from './bundle.ts'
import type { Connect, ConnectApp } from './connect.ts'
import { readBody } from './content-routes.ts'
import type { Content } from './contents.ts'
import { ConnectError } from './errors.ts'
import { build, deploy, isRendered, modeOf, render } from './publish.ts'
import { variantIdOf } from './run-job.ts'

/** The calls that start a task: deploy, build and render. */
export function deployRoutes(app: ConnectApp, connect: Connect): void {
  const { contents } = connect

  if (connect.has('deploy')) {
    app.post('/v1/content/:guid/deploy', async (c) => {
      const content = contents.byGuid(c.req.param('guid'))
      const body = await readBody(c.env.incoming)
      const bundle = bundleOf(content, body['bundle_id'])
      modeOf(bundle)
      // A draft is built and looked at first; a second deploy activates it.
      const work = body['activate'] === false ? build : deploy
      const task = c.var.node.tasks.start((say) => work(connect, content, bundle, say))
      return c.json({ task_id: task.id }, 202)
    })
  }
  if (connect.has('build')) {
    app.post('/v1/content/:guid/build', async (c) => {
      const content = contents.byGuid(c.req.param('guid'))
      const { bundle_id: id = content.active?.id } = await readBody(c.env.incoming)
      const bundle = bundleOf(content, id)
      modeOf(bundle)
      const task = c.var.node.tasks.start((say) => build(connect, content, bundle, say))
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
  if (connect.has('render')) {
    app.post('/variants/:id/render', (c) => {
      const content = contents.byId(String(Number(c.req.param('id')) - variantIdOf({ id: 0 })))
      const { active } = content
      if (active === undefined || !isRendered(active)) throw new ConnectError(39)
      const task = c.var.node.tasks.start((say) => render(connect, content, active, say))
      return c.json(task.item(0))
    })
  }
}

function bundleOf({ bundles }: Content, id: unknown): Bundle {
  if (id === undefined || id === null) {
    const newest = bundles.at(-1)
    if (newest === undefined) throw new ConnectError(28)
    return newest
  }
  if (typeof id !== 'string' && typeof id !== 'number') throw new ConnectError(25, 'bundle_id must be a string.')
  const bundle = bundles.find((one) => String(one.id) === String(id))
  if (bundle === undefined) throw new ConnectError(4)
  return bundle
}

function variantItem(content: Content, bundle: Bundle): object {
  return {
    id: variantIdOf(content),
    app_id: content.id,
    key: randomUUID().slice(0, 8),
    bundle_id: bundle.id,
    is_default: true,
    name: 'default',
    created_time: content.createdTime,
    visibility: 'public',
  }
}
