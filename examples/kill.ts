// Kills a job on Posit Connect and waits until it is really over: the answer to a kill is only a receipt.
//
//   npx tsx examples/kill.ts
//   deno run --allow-env --allow-net examples/kill.ts
//   bun examples/kill.ts
//
// Takes CONNECT_SERVER and CONNECT_API_KEY, as `npm run sandbox` prints them, and CONNECT_CONTENT_GUID and
// CONNECT_JOB_KEY, which name the job; for a sandbox, examples/start-report.ts makes one.
import process from 'node:process'
import { catchError, mergeMap, of, throwError } from 'rxjs'
import { isHttpError, watchJob } from 'rxjobs'
import { connect } from 'rxjobs/connect'

const { CONNECT_SERVER: server = '', CONNECT_API_KEY: apiKey = '' } = process.env
const { CONNECT_CONTENT_GUID: guid = '', CONNECT_JOB_KEY: key = '' } = process.env
const pc = connect({ server, apiKey })

pc.killJob({ guid, key })
  .pipe(
    // 409 is a job that is over already: then there is nothing to kill, but still its end to see.
    catchError((error: unknown) => (isHttpError(error) && error.status === 409 ? of({}) : throwError(() => error))),
    mergeMap(() => watchJob(pc.jobs, { guid, key })),
  )
  .subscribe({
    next: ({ phase, job }) => console.log(phase, job.exit_code ?? ''),
    error: (error: unknown) => {
      console.error(String(error))
      process.exitCode = 1
    },
  })
