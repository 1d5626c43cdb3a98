//   npx tsx examples/kill.ts
//   deno run --allow-env --allow-net examples/kill.ts
//   bun examples/kill.ts
//
// Kills a job on Posit Connect and waits until it is over: the service answers a kill before the job has ended.
// Needs CONNECT_SERVER, CONNECT_API_KEY, and the names of the job: CONNECT_CONTENT_GUID, CONNECT_JOB_KEY.
import process from 'node:process'
import { cancelJob } from 'rxjobs'
import { connect } from 'rxjobs/connect'
import { environment } from './environment.ts'

const env = environment('CONNECT_SERVER', 'CONNECT_API_KEY', 'CONNECT_CONTENT_GUID', 'CONNECT_JOB_KEY')
const pc = connect({ server: env('CONNECT_SERVER'), apiKey: env('CONNECT_API_KEY') })

// Within a stream it is an option: `cancelOn: stop$`, or `cancelOnUnsubscribe: true`.
cancelJob(pc.jobs, { guid: env('CONNECT_CONTENT_GUID'), key: env('CONNECT_JOB_KEY') }).subscribe({
  next: ({ phase, job }) => console.log(phase, job.exit_code ?? ''),
  error: (error: unknown) => {
    console.error(String(error))
    process.exitCode = 1
  },
})
