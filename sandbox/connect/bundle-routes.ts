import { readBytes } from '../http/body.ts'
import { archiveOf, type Bundle, unpack } from './bundle.ts'
import type { Connect, ConnectApp } from './connect.ts'
import type { Content } from './contents.ts'
import { ConnectError } from './errors.ts'

/** Takes a gzipped tar as the body, or as the part `archive` of a form, and shows what was uploaded. */
export function bundleRoutes(app: ConnectApp, connect: Connect): void {
  const { maxBundleBytes } = connect.settings
  const path = '/v1/content/:guid/bundles'
  let lastId = 0

  app.get(path, (c) => {
    const content = connect.contents.byGuid(c.req.param('guid'))
    return c.json(content.bundles.map((bundle) => bundleItem(content, bundle)).reverse())
  })
  app.get(`${path}/:id`, (c) => {
    const content = connect.contents.byGuid(c.req.param('guid'))
    return c.json(bundleItem(content, bundleWith(content, c.req.param('id'))))
  })
  app.post(path, async (c) => {
    const content = connect.contents.byGuid(c.req.param('guid'))
    const body = await readBytes(c.env.incoming, maxBundleBytes)
    if (body === undefined) throw new ConnectError(135, `A bundle may have ${maxBundleBytes} bytes.`)
    const archive = await archiveOf(body, c.req.header('content-type') ?? '')
    lastId += 1
    const id = lastId
    const bundle = await connect.workplace.inNewDirectory(async (directory): Promise<Bundle> => {
      const manifest = await unpack(archive, directory, 4 * maxBundleBytes)
      return { id, createdTime: connect.clock.stamp(), directory, size: archive.length, ...manifest }
    })
    content.bundles.push(bundle)
    return c.json(bundleItem(content, bundle))
  })
}

/** The bundle that a request names; the newest one without an id. Throws code 28 where there is none, code 4 for an unknown id. */
export function bundleOf(content: Content, id: unknown): Bundle {
  if (id === undefined || id === null) {
    const newest = content.bundles.at(-1)
    if (newest === undefined) throw new ConnectError(28)
    return newest
  }
  if (typeof id !== 'string' && typeof id !== 'number') throw new ConnectError(25, 'bundle_id must be a string.')
  return bundleWith(content, String(id))
}

function bundleWith({ bundles }: Content, id: string): Bundle {
  const bundle = bundles.find((one) => String(one.id) === id)
  if (bundle === undefined) throw new ConnectError(4)
  return bundle
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
