import { defer } from 'rxjs'
import { connect } from 'rxjobs/connect'
import { clientCredentials, genesys } from 'rxjobs/genesys'
import type { Sandbox } from 'rxjobs/sandbox'
import { connectJob } from './connect-job.ts'
import { genesysJob } from './genesys-job.ts'
import { nightlyReport, stockImport } from './scripts.ts'
import type { DemoJob } from './told.ts'

/** Four jobs, each with another end. */
export function sandboxJobs(sandbox: Sandbox): ReadonlyArray<DemoJob> {
  const { baseUrl, clientId, clientSecret } = sandbox.genesys
  const { server, apiKey } = sandbox.connect
  const cx = genesys({ baseUrl, auth: clientCredentials({ clientId, clientSecret }) })
  const pc = connect({ server, apiKey })
  const started = (script: string) => defer(() => sandbox.connect.start({ script }))
  return [
    genesysJob(cx, { acceleratorId: 'support-line', parameters: [{ name: 'queueName', value: 'Spring sale' }] }),
    genesysJob(cx, { acceleratorId: 'twin-queues' }),
    connectJob(pc, 'nightly-report', started(nightlyReport)),
    connectJob(pc, 'stock-import', started(stockImport)),
  ]
}
