//   npx tsx examples/follow-job.ts
//   deno run --allow-env --allow-net examples/follow-job.ts
//   bun examples/follow-job.ts
//
// Follows a job on Posit Connect in one stream: its status, its log, its connections, and the outcome.
// Needs CONNECT_SERVER, CONNECT_API_KEY, and the names of the job: CONNECT_CONTENT_GUID, CONNECT_JOB_KEY.
import process from 'node:process'
import { followJob, type JobEvent } from 'rxjobs'
import { type ConnectJobFailure, connect, type JobItem, type JobRef } from 'rxjobs/connect'
import { environment } from './environment.ts'

const env = environment('CONNECT_SERVER', 'CONNECT_API_KEY', 'CONNECT_CONTENT_GUID', 'CONNECT_JOB_KEY')
const pc = connect({ server: env('CONNECT_SERVER'), apiKey: env('CONNECT_API_KEY') })

function textOf(event: JobEvent<JobRef, JobItem, ConnectJobFailure>): string {
  switch (event._tag) {
    case 'Status':
      return `is ${event.phase}`
    case 'Line':
      return `${event.index}: ${event.data}`
    case 'Gap':
      return `lines are missing (${event.reason})`
    case 'Connection':
      return `${event.channel}: ${event.state}`
    case 'Settled':
      return `ended: ${event.outcome.phase} ${event.outcome.phase === 'failed' ? JSON.stringify(event.outcome.failure) : ''}`
  }
}

followJob(pc.jobs, { guid: env('CONNECT_CONTENT_GUID'), key: env('CONNECT_JOB_KEY') }).subscribe({
  next: (event) => console.log(textOf(event)),
  error: (error: unknown) => {
    console.error(String(error))
    process.exitCode = 1
  },
})
