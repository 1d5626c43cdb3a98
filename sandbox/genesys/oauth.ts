import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { readText } from '../http/body.ts'
import type { Genesys } from './genesys.ts'

/** `POST /oauth/token`: client credentials by Basic auth and a form body; its failures are OAuth's, not an ErrorBody. */
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
  // A client that went away in the middle of its request is no fault of ours to tell the terminal of.
  app.onError((_, c) => c.json({ error: 'server_error', error_description: 'The request could not be read.' }, 500))
  return app
}
