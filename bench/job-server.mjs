// A server with one job. It tells its port to the process that forked it and ends with that process.
import { createServer } from 'node:http'

const id = '0f6ab2d5-91c6-4d3e-a3b9-2f8d7c1e5a40'
const job = JSON.stringify({
  id,
  dateSubmitted: '2026-11-22T10:00:00.000Z',
  submittedBy: { id: 'u-1', name: 'A user', selfUri: '/api/v2/users/u-1' },
  acceleratorId: 'queue-with-agents',
  dryRun: false,
  status: 'Running',
  selfUri: `/api/v2/infrastructureascode/jobs/${id}`,
})
const server = createServer((_, response) => {
  response.writeHead(202, { 'content-type': 'application/json', 'content-length': job.length }).end(job)
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('disconnect', () => process.exit())
