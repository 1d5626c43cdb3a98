import type { Connect, ConnectApp } from './connect.ts'
import { ConnectError } from './errors.ts'
import type { Job } from './job.ts'

/** The routes that tell of jobs and kill them. */
export function jobRoutes(app: ConnectApp, connect: Connect): void {
  const jobOf = (guid: string, key: string): Job => connect.jobs.get(connect.contents.byGuid(guid).guid, key)

  if (connect.has('jobs')) {
    app.get('/v1/content/:guid/jobs', (c) => {
      const { guid } = connect.contents.byGuid(c.req.param('guid'))
      return c.json(connect.jobs.of(guid).map((job) => job.item()))
    })
  }
  if (connect.has('job')) {
    app.get('/v1/content/:guid/jobs/:key', (c) => c.json(jobOf(c.req.param('guid'), c.req.param('key')).item()))
  }
  if (connect.has('error')) {
    app.get('/v1/content/:guid/jobs/:key/error', (c) => {
      const { error } = jobOf(c.req.param('guid'), c.req.param('key'))
      return error === undefined ? c.body(null, 204) : c.json(error)
    })
  }
  if (connect.has('kill')) {
    app.delete('/v1/content/:guid/jobs/:key', (c) => {
      const order = jobOf(c.req.param('guid'), c.req.param('key')).kill()
      if (order === undefined) throw new ConnectError(163)
      return c.json(order)
    })
  }
}
