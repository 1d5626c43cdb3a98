//   npx tsx examples/genesys-submit-watch-errors.ts
//   deno run --allow-env --allow-net examples/genesys-submit-watch-errors.ts
//   bun examples/genesys-submit-watch-errors.ts
//
// Submits a Genesys Cloud job, watches it to its end, and says why it failed. Needs GENESYS_BASE_URL
// (https://api.mypurecloud.de), GENESYS_LOGIN_URL (https://login.mypurecloud.de), GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET.
import process from 'node:process'
import { tap } from 'rxjs'
import { thenFetchErrors, thenWatch } from 'rxjobs'
import { clientCredentials, genesys } from 'rxjobs/genesys'
import { environment } from './environment.ts'

const env = environment('GENESYS_BASE_URL', 'GENESYS_LOGIN_URL', 'GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET')
const { GENESYS_ACCELERATOR_ID: acceleratorId = 'twin-queues' } = process.env

const cx = genesys({
  baseUrl: env('GENESYS_BASE_URL'),
  loginUrl: env('GENESYS_LOGIN_URL'),
  auth: clientCredentials({ clientId: env('GENESYS_CLIENT_ID'), clientSecret: env('GENESYS_CLIENT_SECRET') }),
})

cx.postInfrastructureascodeJobs({ acceleratorId })
  .pipe(
    thenWatch(cx.jobs),
    tap(({ job }) => console.log(`${acceleratorId}: ${job.status}`)),
    thenFetchErrors(cx.jobs),
  )
  .subscribe({
    next: (outcome) =>
      console.log(outcome.phase, outcome.phase === 'failed' ? (outcome.failure?.message ?? 'without a reason') : ''),
    error: (error: unknown) => {
      console.error(String(error))
      process.exitCode = 1
    },
  })
