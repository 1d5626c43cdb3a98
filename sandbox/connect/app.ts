import { timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import { balancer } from './balancer.ts'
import { bundleRoutes } from './bundle-routes.ts'
import type { Connect, ConnectApp, ConnectEnv } from './connect.ts'
import { contentRoutes } from './content-routes.ts'
import { deployRoutes } from './deploy-routes.ts'
import { answerError, answerNoRoute, ConnectError } from './errors.ts'
import { jobRoutes } from './jobs.ts'
import { logRoutes } from './log-routes.ts'
import { serverRoutes } from './server-routes.ts'
import { tailRoute } from './tail.ts'
import { taskRoutes } from './task-routes.ts'

/** Everything under `/__api__`. */
export function connectApp(connect: Connect): ConnectApp {
  const app: ConnectApp = new Hono<ConnectEnv>()
  app.use(balancer(connect))
  app.use(async (c, next) => {
    if (!isKey(c.req.header('authorization') ?? '', connect.apiKey)) throw new ConnectError(24)
    await next()
  })
  serverRoutes(app, connect)
  if (connect.has('content')) contentRoutes(app, connect)
  if (connect.has('bundles')) bundleRoutes(app, connect)
  deployRoutes(app, connect)
  if (connect.has('tasks')) taskRoutes(app, connect)
  jobRoutes(app, connect)
  logRoutes(app, connect)
  if (connect.has('tail')) tailRoute(app, connect)
  // A catch-all and not notFound, which a mounted app would not be asked for.
  app.all('*', answerNoRoute)
  app.onError(answerError)
  return app
}

function isKey(header: string, apiKey: string): boolean {
  const given = Buffer.from(header)
  const wanted = Buffer.from(`Key ${apiKey}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
