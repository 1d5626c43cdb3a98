import { connect } from 'rxjobs/connect'
import { clientCredentials, genesys } from 'rxjobs/genesys'
import type { Sandbox } from 'rxjobs/sandbox'
import { deployJob } from './deploy-job.ts'
import { genesysJob } from './genesys-job.ts'
import type { DemoJob } from './told.ts'

/** Four jobs, each with another end. */
export function sandboxJobs(sandbox: Sandbox): ReadonlyArray<DemoJob> {
  const { baseUrl, clientId, clientSecret } = sandbox.genesys
  const { server, apiKey } = sandbox.connect
  const cx = genesys({ baseUrl, auth: clientCredentials({ clientId, clientSecret }) })
  const pc = connect({ server, apiKey })
  return [
    genesysJob(cx, { acceleratorId: 'support-line', parameters: [{ name: 'queueName', value: 'Spring sale' }] }),
    genesysJob(cx, { acceleratorId: 'twin-queues' }),
    deployJob(pc, 'nightly-report'),
    deployJob(pc, 'stock-import'),
  ]
}
