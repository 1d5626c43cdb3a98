import { randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { readText } from '../http/body.ts'
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
    const { count, allowed, reset, exceeded } = genesys.rateLimit.count(token)
    c.header('inin-ratelimit-count', String(count))
    c.header('inin-ratelimit-allowed', String(allowed))
    c.header('inin-ratelimit-reset', String(reset))
    if (exceeded) {
      const message = `Rate limit exceeded the maximum [${allowed}] requests within [60] seconds`
      throw new GenesysError(429, 'too.many.requests', message, { retryAfterSeconds: reset })
    }
    await next()
  })
  jobRoutes(app, genesys)
  acceleratorRoutes(app)
  app.all('*', (c) => answerError(new GenesysError(404, 'not.found', 'There is no such endpoint.'), c))
  app.onError(answerError)
  return app
}

/** `POST /oauth/token`: client credentials by Basic auth and a form body. Its errors are OAuth's. */
export function oauthApp(genesys: Genesys): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.post('/oauth/token', async (c) => {
    const wanted = Buffer.from(`${genesys.clientId}:${genesys.clientSecret}`).toString('base64')
    if (c.req.header('authorization') !== `Basic ${wanted}`) {
      return c.json({ error: 'invalid_client', error_description: 'The client is not known.' }, 401)
    }
    const form = new URLSearchParams(await readText(c.env.incoming))
    if (form.get('grant_type') !== 'client_credentials') {
      return c.json({ error: 'unsupported_grant_type', error_description: 'Only client_credentials is served.' }, 400)
    }
    const token = genesys.tokens.issue()
    return c.json({ access_token: token, token_type: 'bearer', expires_in: genesys.settings.tokenSeconds })
  })
  // Without this, a client that disconnects within its request would be printed on the terminal.
  app.onError((_, c) => c.json({ error: 'server_error', error_description: 'The request could not be read.' }, 500))
  return app
}
