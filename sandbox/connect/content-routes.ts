import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type JsonObject, parseObject, readBytes, readText } from '../http/body.ts'
import { archiveOf, type Bundle, unpack } from './bundle.ts'
import type { Connect, ConnectApp } from './connect.ts'
import type { Content } from './contents.ts'
import { ConnectError } from './errors.ts'

/** Creates, finds, reads and changes content. */
export function contentRoutes(app: ConnectApp, { contents, clock, user }: Connect): void {
  const item = (content: Content, url: string): object => contentItem(content, new URL(url).origin, user.guid)

  app.get('/v1/content', (c) => c.json(contents.named(c.req.query('name')).map((one) => item(one, c.req.url))))
  app.post('/v1/content', async (c) => {
    const body = await readBody(c.env.incoming)
    const name = textOf(body, 'name') ?? `content-${randomUUID()}`
    const content = contents.create({ name, title: textOf(body, 'title') ?? name }, clock.stamp())
    content.description = textOf(body, 'description') ?? ''
    return c.json(item(content, c.req.url))
  })
  app.get('/v1/content/:guid', (c) => c.json(item(contents.byGuid(c.req.param('guid')), c.req.url)))
  app.patch('/v1/content/:guid', async (c) => {
    const content = contents.byGuid(c.req.param('guid'))
    const body = await readBody(c.env.incoming)
    const name = textOf(body, 'name')
    if (name !== undefined) contents.rename(content, name)
    content.title = textOf(body, 'title') ?? content.title
    content.description = textOf(body, 'description') ?? content.description
    return c.json(item(content, c.req.url))
  })
}

/** `POST …/bundles`: a gzipped tar as the body, or as the part `archive` of a form. */
export function bundleRoutes(app: ConnectApp, connect: Connect): void {
  const { maxBundleBytes } = connect.settings
  let lastId = 0
  app.post('/v1/content/:guid/bundles', async (c) => {
    const content = connect.contents.byGuid(c.req.param('guid'))
    const body = await readBytes(c.env.incoming, maxBundleBytes)
    if (body === undefined) throw new ConnectError(135, `A bundle may have ${maxBundleBytes} bytes.`)
    const archive = await archiveOf(body, c.req.header('content-type') ?? '')
    lastId += 1
    const id = lastId
    const directory = await connect.workplace.newDirectory()
    const manifest = await unpack(archive, directory, 4 * maxBundleBytes)
    const bundle = { id, createdTime: connect.clock.stamp(), directory, size: archive.length, ...manifest }
    content.bundles.push(bundle)
    return c.json(bundleItem(content, bundle))
  })
}

/** The body as a JSON object; an empty body counts as `{}`. Throws code 121 for anything else. */
export async function readBody(incoming: IncomingMessage): Promise<JsonObject> {
  const text = await readText(incoming)
  const body = text === '' ? {} : parseObject(text ?? '')
  if (body === undefined) throw new ConnectError(121)
  return body
}

function textOf(body: JsonObject, field: string): string | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw new ConnectError(25, `${field} must be a string.`)
  return value
}

function contentItem(content: Content, origin: string, ownerGuid: string): object {
  const { active, guid } = content
  return {
    guid,
    id: String(content.id),
    name: content.name,
    title: content.title,
    description: content.description,
    access_type: 'acl',
    created_time: content.createdTime,
    last_deployed_time: content.lastDeployedTime,
    bundle_id: active === undefined ? null : String(active.id),
    app_mode: active?.appMode ?? 'unknown',
    content_category: '',
    parameterized: false,
    owner_guid: ownerGuid,
    app_role: 'owner',
    run_as: null,
    content_url: `${origin}/content/${guid}/`,
    dashboard_url: `${origin}/connect/#/apps/${guid}`,
  }
}

function bundleItem(content: Content, bundle: Bundle): object {
  return {
    id: String(bundle.id),
    content_guid: content.guid,
    created_time: bundle.createdTime,
    active: content.active === bundle,
    size: bundle.size,
    metadata: {},
  }
}
