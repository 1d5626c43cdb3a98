// Follows a job on Posit Connect in one stream: its status, its log, its connections, and at the end how it went.
//
//   npx tsx examples/follow-one-union.ts
//   deno run --allow-env --allow-net examples/follow-one-union.ts
//   bun examples/follow-one-union.ts
//
// Takes CONNECT_SERVER and CONNECT_API_KEY, as `npm run sandbox` prints them, and CONNECT_CONTENT_GUID and
// CONNECT_JOB_KEY, which name the job; for a sandbox, examples/start-report.ts makes one.
import process from 'node:process'
import { followJob, type JobEvent } from 'rxjobs'
import { type ConnectJobFailure, connect, type JobItem, type JobRef } from 'rxjobs/connect'

const { CONNECT_SERVER: server = '', CONNECT_API_KEY: apiKey = '' } = process.env
const { CONNECT_CONTENT_GUID: guid = '', CONNECT_JOB_KEY: key = '' } = process.env
const pc = connect({ server, apiKey })

function tell(event: JobEvent<JobRef, JobItem, ConnectJobFailure>): string {
  switch (event._tag) {
    case 'Status':
      return `is ${event.phase}`
    case 'Line':
      return `${event.index}: ${event.data}`
    case 'Gap':
      return `lines are missing (${event.reason})`
    case 'Connection':
      return `${event.to}: ${event.state}`
    case 'Settled':
      return `ended: ${event.outcome.phase} ${JSON.stringify(event.outcome.failure)}`
  }
}

followJob(pc.jobs, { guid, key }).subscribe({
  next: (event) => console.log(tell(event)),
  error: (error: unknown) => {
    console.error(String(error))
    process.exitCode = 1
  },
})
