// The service of examples/your-own-service.ts: builds that are over at the fourth read, each with some output.
import { once } from 'node:events'
import { createServer } from 'node:http'

/** Starts it on a free port of this machine. */
export async function startBuildServer(): Promise<{ readonly url: string; readonly close: () => void }> {
  const output = ['fetching', 'compiling', 'warning: unused variable', 'tests: 1 of 212 failed']
  let reads = 0
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    const state = reads < 3 ? 'building' : 'broken'
    if (request.headers.authorization !== 'Bearer a-token') answer(401, {})
    else if (request.method === 'POST') answer(201, { id: 'b7', state: 'waiting' })
    else if (request.url === '/builds/b7/output') answer(200, output.slice(0, reads + 1))
    else if (request.url === '/builds/b7') answer(200, { id: 'b7', state, ...(reads++ < 3 ? {} : { failed: 1 }) })
    else answer(404, {})
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}
