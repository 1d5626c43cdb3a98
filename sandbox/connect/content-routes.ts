import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { readText } from '../http/body.ts'
import { parseObject, type JsonObject } from '../json.ts'
import type { Connect, ConnectApp } from './connect.ts'
import type { Content } from './contents.ts'
import { ConnectError } from './errors.ts'

/** Content: made, found, read and renamed. */
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

/** The body as a JSON object; none counts as an empty one. Throws code 121 for anything else. */
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
