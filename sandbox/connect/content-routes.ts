import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isObject, type JsonObject, parseObject, readText } from '../http/body.ts'
import type { Connect, ConnectApp } from './connect.ts'
import type { Content } from './contents.ts'
import { ConnectError } from './errors.ts'

/** Creates, finds, reads, changes and deletes content. */
export function contentRoutes(app: ConnectApp, { contents, jobs, clock, user }: Connect): void {
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
  app.delete('/v1/content/:guid', (c) => {
    const content = contents.byGuid(c.req.param('guid'))
    contents.delete(content)
    for (const job of jobs.of(content.guid)) job.kill()
    return c.body(null, 204)
  })
  // The unversioned list, of which R clients read only what is below `applications`.
  app.on('GET', ['/applications', '/applications/'], (c) => {
    const names = (c.req.queries('filter') ?? []).flatMap((filter) => /^name:(?:eq:)?(.*)$/.exec(filter)?.[1] ?? [])
    const found = contents.named().filter(({ name }) => names.every((one) => one === name))
    const applications = found.map((content) => ({
      ...item(content, c.req.url),
      url: `${new URL(c.req.url).origin}/content/${content.guid}/`,
    }))
    return c.json({ applications, count: found.length, total: found.length, continuation: '' })
  })
}

/** `…/environment`: variables of the content's jobs. Values can be written and not read. */
export function environmentRoutes(app: ConnectApp, { contents }: Connect): void {
  const path = '/v1/content/:guid/environment'

  app.get(path, (c) => c.json([...contents.byGuid(c.req.param('guid')).environment.keys()]))
  app.on(['PATCH', 'PUT'], path, async (c) => {
    const { environment } = contents.byGuid(c.req.param('guid'))
    const variables = readVariables(await readJson(c.env.incoming))
    if (c.req.method === 'PUT') environment.clear()
    for (const [name, value] of variables) {
      if (value === null) environment.delete(name)
      else environment.set(name, value)
    }
    return c.json([...environment.keys()])
  })
}

/** `[{name, value}]`; a value of null removes the variable. */
function readVariables(body: unknown): ReadonlyArray<readonly [name: string, value: string | null]> {
  const bad = (): ConnectError =>
    new ConnectError(25, 'Each variable has a name, and a value that is a string or null.')
  if (!Array.isArray(body)) throw bad()
  return body.map((one: unknown) => {
    const { name, value = null } = isObject(one) ? one : {}
    // The system refuses NUL, and a name with an equals sign.
    if (typeof name !== 'string' || !/^[^=\0]+$/.test(name)) throw bad()
    if (value !== null && (typeof value !== 'string' || value.includes('\0'))) throw bad()
    return [name, value] as const
  })
}

/** The body as JSON. Throws code 121 for what is none. */
async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const text = await readText(incoming)
  try {
    return JSON.parse(text ?? '') as unknown
  } catch {
    throw new ConnectError(121)
  }
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
