//   npx tsx examples/your-own-service.ts
//   deno run --allow-net examples/your-own-service.ts
//   bun examples/your-own-service.ts
//
// Follows a job of your own service, for which builds.ts has the JobSource. It starts the service itself: nothing to set.
import process from 'node:process'
import { finalize } from 'rxjs'
import { thenFollow } from 'rxjobs'
import { startBuildServer } from './build-server.ts'
import { builds } from './builds.ts'

const server = await startBuildServer()
const service = builds(server.url, 'a-token')

service
  .start('4f1c2d')
  .pipe(thenFollow(service.jobs, { pollInterval: 100 }), finalize(server.close))
  .subscribe({
    next: (event) => {
      if (event._tag === 'Status') console.log(`build ${event.ref.id} is ${event.job.state}`)
      if (event._tag === 'Line') console.log(`  ${event.data}`)
      if (event._tag === 'Settled') console.log(event.outcome.phase)
    },
    error: (error: unknown) => {
      console.error(String(error))
      process.exitCode = 1
    },
  })
