// Kills a job on Posit Connect and waits until it is really over: the answer to a kill is only a receipt.
//
//   npx tsx examples/kill.ts
//   deno run --allow-env --allow-net examples/kill.ts
//   bun examples/kill.ts
//
// Takes CONNECT_SERVER and CONNECT_API_KEY, as `npm run sandbox` prints them, and CONNECT_CONTENT_GUID and
// CONNECT_JOB_KEY, which name the job; for a sandbox, examples/start-report.ts makes one.
import process from 'node:process'
import { cancelJob } from 'rxjobs'
import { connect } from 'rxjobs/connect'

const { CONNECT_SERVER: server = '', CONNECT_API_KEY: apiKey = '' } = process.env
const { CONNECT_CONTENT_GUID: guid = '', CONNECT_JOB_KEY: key = '' } = process.env
const pc = connect({ server, apiKey })

// In the middle of a flow it is an option of every stream: `cancelWhen: stop$`, or `cancelWhenLeft: true`.
cancelJob(pc.jobs, { guid, key }).subscribe({
  next: ({ phase, job }) => console.log(phase, job.exit_code ?? ''),
  error: (error: unknown) => {
    console.error(String(error))
    process.exitCode = 1
  },
})
