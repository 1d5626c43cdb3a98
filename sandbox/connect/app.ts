import { randomUUID, timingSafeEqual } from 'node:crypto'
import { Hono, type MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import type { Connect, ConnectApp, ConnectEnv } from './connect.ts'
import { bundleRoutes } from './bundle-routes.ts'
import { contentRoutes, environmentRoutes } from './content-routes.ts'
import { answerError, answerNoRoute, ConnectError } from './errors.ts'
import { downloadRoute } from './download.ts'
import { jobRoutes, logRoute } from './job-routes.ts'
import { metricsRoute } from './metrics.ts'
import { publishRoutes, taskRoute, visitRoute } from './publish-routes.ts'
import { tailRoute } from './tail.ts'

/** Everything under `/__api__`. */
export function connectApp(connect: Connect): ConnectApp {
  const app: ConnectApp = new Hono<ConnectEnv>()
  app.use(balancer(connect))
  if (connect.has('server_settings')) {
    // Clients read the version before they have a key.
    app.get('/server_settings', (c) => c.json({ version: connect.settings.version, hostname: 'sandbox' }))
  }
  app.use(async (c, next) => {
    if (!isKey(c.req.header('authorization') ?? '', connect.apiKey)) throw new ConnectError(24)
    await next()
  })
  serverRoutes(app, connect)
  if (connect.has('content')) contentRoutes(app, connect)
  if (connect.has('environment')) environmentRoutes(app, connect)
  if (connect.has('bundles')) bundleRoutes(app, connect)
  publishRoutes(app, connect)
  if (connect.has('tasks')) taskRoute(app, connect)
  jobRoutes(app, connect)
  if (connect.has('log')) logRoute(app, connect)
  if (connect.has('download')) downloadRoute(app, connect)
  if (connect.has('metrics')) metricsRoute(app, connect)
  if (connect.has('tail')) tailRoute(app, connect)
  // A mounted app's notFound is not called: a route for everything is.
  app.all('*', answerNoRoute)
  app.onError(answerError)
  return app
}

/** Everything under `/content`, which needs no key. */
export function visitApp(connect: Connect): ConnectApp {
  const app: ConnectApp = new Hono<ConnectEnv>()
  app.use('/content/*', balancer(connect))
  visitRoute(app, connect)
  return app
}

const cookie = 'sandbox-node'

/** Leads each request to a node. A cluster's load balancer sets a cookie; requests with that cookie go to the same node. */
function balancer({ settings, nodes }: Pick<Connect, 'settings' | 'nodes'>): MiddlewareHandler<ConnectEnv> {
  const { cluster, nodeCookie } = settings
  return async (c, next) => {
    const { outgoing } = c.env
    // A renewed value begins with the node's name.
    const sent = getCookie(c, cookie)?.split('.')[0]
    const node = nodes.pick(sent)
    c.set('node', node)
    if (cluster && (nodeCookie !== 'once' || sent !== node.name)) {
      const value = nodeCookie === 'renewed' ? `${node.name}.${randomUUID()}` : node.name
      // On the Node response itself, because a tail writes its own head.
      outgoing.setHeader('Set-Cookie', `${cookie}=${value}; Path=/; HttpOnly`)
    }
    node.open.add(outgoing)
    outgoing.once('close', () => node.open.delete(outgoing))
    await next()
  }
}

/** The interpreters, and the owner of the key. */
function serverRoutes(app: ConnectApp, connect: Connect): void {
  if (connect.has('server_settings')) {
    // Publishing tools ask for the interpreters; they take an empty list for any version.
    app.get('/v1/server_settings/:language{python|r|quarto}', (c) => c.json({ installations: [] }))
  }
  if (connect.has('user')) {
    app.get('/v1/user', (c) => c.json(connect.user))
    app.get('/users/current', (c) => c.json(connect.user))
  }
}

function isKey(header: string, apiKey: string): boolean {
  const given = Buffer.from(header)
  const wanted = Buffer.from(`Key ${apiKey}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
