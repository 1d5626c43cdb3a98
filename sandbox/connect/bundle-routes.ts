import { readBytes } from '../http/body.ts'
import { unpack } from './archive.ts'
import type { Bundle } from './bundle.ts'
import type { Connect, ConnectApp } from './connect.ts'
import type { Content } from './contents.ts'
import { ConnectError } from './errors.ts'

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

async function archiveOf(body: Buffer, contentType: string): Promise<Uint8Array> {
  if (!contentType.startsWith('multipart/')) return body
  const form = await new Response(new Uint8Array(body), { headers: { 'Content-Type': contentType } })
    .formData()
    .catch(() => undefined)
  const archive = form?.get('archive')
  if (!(archive instanceof File)) throw new ConnectError(135, 'The form has no file named archive.')
  return new Uint8Array(await archive.arrayBuffer())
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
