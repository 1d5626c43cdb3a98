import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { acceleratorRoutes } from './accelerator-routes.ts'
import { answerError, GenesysError } from './errors.ts'
import type { Genesys, GenesysEnv } from './genesys.ts'
import { jobRoutes } from './job-routes.ts'

/** Everything under `/api/v2/infrastructureascode`. */
export function genesysApp(genesys: Genesys): Hono<GenesysEnv> {
  const app = new Hono<GenesysEnv>()
  app.use(async (c, next) => {
    c.set('correlationId', randomUUID())
    c.header('ININ-Correlation-Id', c.get('correlationId'))
    const [scheme, token] = (c.req.header('authorization') ?? '').split(' ')
    if (scheme?.toLowerCase() !== 'bearer' || token === undefined) {
      throw new GenesysError(401, 'authentication.required', 'No bearer token in the Authorization header.')
    }
    if (!genesys.tokens.isValid(token)) throw new GenesysError(401, 'bad.credentials', 'The token is not valid.')
    const rate = genesys.rateLimit(token)
    c.header('inin-ratelimit-count', String(rate.count))
    c.header('inin-ratelimit-allowed', String(rate.allowed))
    c.header('inin-ratelimit-reset', String(rate.reset))
    if (rate.exceeded) {
      throw new GenesysError(
        429,
        'too.many.requests',
        `Rate limit exceeded the maximum [${rate.allowed}] requests within [60] seconds`,
        { retryAfterSeconds: rate.reset },
      )
    }
    await next()
  })
  jobRoutes(app, genesys)
  acceleratorRoutes(app)
  app.all('*', (c) => answerError(new GenesysError(404, 'not.found', 'There is no such endpoint.'), c))
  app.onError(answerError)
  return app
}
