// Submits a Genesys Cloud job, watches it to its end, and finds out why it failed if it did.
//
//   npx tsx examples/genesys-submit-watch-errors.ts
//   deno run --allow-env --allow-net examples/genesys-submit-watch-errors.ts
//   bun examples/genesys-submit-watch-errors.ts
//
// Takes what `npm run sandbox` prints, or your own: GENESYS_HOST=mypurecloud.de instead of GENESYS_BASE_URL.
import process from 'node:process'
import { tap } from 'rxjs'
import { thenFetchErrors, thenWatch } from 'rxjobs'
import { clientCredentials, genesys } from 'rxjobs/genesys'

const {
  GENESYS_HOST: host,
  GENESYS_BASE_URL: baseUrl = '',
  GENESYS_CLIENT_ID: clientId = '',
  GENESYS_CLIENT_SECRET: clientSecret = '',
  GENESYS_ACCELERATOR_ID: acceleratorId = 'twin-queues',
} = process.env

const place = host === undefined ? { baseUrl } : { host }
const cx = genesys({ ...place, auth: clientCredentials({ clientId, clientSecret }) })

cx.postInfrastructureascodeJobs({ acceleratorId })
  .pipe(
    thenWatch(cx.jobs),
    tap(({ job }) => console.log(`${acceleratorId}: ${job.status}`)),
    thenFetchErrors(cx.jobs),
  )
  .subscribe({
    next: ({ phase, failure }) =>
      console.log(phase, failure._tag === 'Some' ? (failure.value.message ?? 'for no stated reason') : ''),
    error: (error: unknown) => {
      console.error(String(error))
      process.exitCode = 1
    },
  })
