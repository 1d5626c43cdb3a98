// The vendor's own JavaScript SDK, unchanged and as its README says: submits, lists and reads jobs.
// Its folder is the working directory; the environment names the server.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const { GENESYS_BASE_URL: baseUrl, GENESYS_CLIENT_ID: clientId, GENESYS_CLIENT_SECRET: clientSecret } = process.env
const platformClient = createRequire(`${process.cwd()}/`)('purecloud-platform-client-v2')

const client = platformClient.ApiClient.instance
const { hostname, port } = new URL(baseUrl)
client.setGateway({ host: hostname, protocol: 'http', port: Number(port) })
await client.loginClientCredentialsGrant(clientId, clientSecret)

const api = new platformClient.InfrastructureAsCodeApi()

const { entities } = await api.getInfrastructureascodeAccelerators({ pageSize: 2, pageNumber: 2, sortBy: 'name' })
assert.equal(entities.length, 2)
const specification = await api.getInfrastructureascodeAccelerator('support-line')
assert.deepEqual(specification.presentation[0].schema.required, ['queueName'])

const tried = await api.postInfrastructureascodeJobs({ acceleratorId: 'twin-queues', dryRun: true })
assert.equal(tried.status, 'Complete')
const { results } = await api.getInfrastructureascodeJob(tried.id, { details: true })
assert.match(results, /Plan: 3 to add/)

const submitted = await api.postInfrastructureascodeJobs({ acceleratorId: 'twin-queues', parameters: [] })
let job = submitted
const deadline = performance.now() + 20_000
while (['Created', 'Queued', 'Running'].includes(job.status)) {
  assert.ok(performance.now() < deadline, `still ${job.status}`)
  await new Promise((resolve) => setTimeout(resolve, 100))
  job = await api.getInfrastructureascodeJob(submitted.id, { details: true })
}
assert.equal(job.status, 'RollbackComplete')
assert.match(job.errorInfo.message, /already exists/)
assert.match(job.rollbackResults, /Destroy complete/)

const history = await api.getInfrastructureascodeJobs({ maxResults: 10, acceleratorId: 'twin-queues' })
assert.deepEqual(new Set(history.entities.map(({ id }) => id)), new Set([tried.id, submitted.id]))

const missing = await api.getInfrastructureascodeJob('nobody-knows-it').then(
  () => assert.fail('there is no such job'),
  (error) => error,
)
assert.deepEqual([missing.status, missing.code], [404, 'not.found'])
console.log('purecloud-platform-client-v2: login, accelerators, dry run, submission, reading, history, a failure')
