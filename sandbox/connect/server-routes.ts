import type { Connect, ConnectApp } from './connect.ts'

/** What a client asks about the server and about whose key it has. */
export function serverRoutes(app: ConnectApp, connect: Connect): void {
  if (connect.has('server_settings')) {
    app.get('/server_settings', (c) => c.json({ version: connect.settings.version, hostname: 'sandbox' }))
    // Publishing tools ask which interpreters there are; they take an empty list for any version.
    app.get('/v1/server_settings/:language{python|r|quarto}', (c) => c.json({ installations: [] }))
  }
  if (connect.has('user')) {
    app.get('/v1/user', (c) => c.json(connect.user))
  }
}
