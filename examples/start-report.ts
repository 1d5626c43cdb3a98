//   eval "$(npx tsx examples/start-report.ts)"
//   eval "$(deno run --allow-env --allow-net examples/start-report.ts)"
//   eval "$(bun examples/start-report.ts)"
//
// Deploys a report to a sandbox, which the other examples tail, follow and kill: it writes to its log for ten seconds. Prints
// the names of its job. Needs CONNECT_SERVER and CONNECT_API_KEY of a sandbox; a real server runs no .mjs.
import process from 'node:process'
import { createTarGzip } from 'nanotar'
import { mergeMap, take } from 'rxjs'
import { connect, thenJobs } from 'rxjobs/connect'
import { environment } from './environment.ts'

const env = environment('CONNECT_SERVER', 'CONNECT_API_KEY')
const pc = connect({ server: env('CONNECT_SERVER'), apiKey: env('CONNECT_API_KEY') })
const report = `for (let page = 1; page <= 20; page++) {
  console.log('page ' + page + ' of 20')
  if (page % 6 === 0) console.error('page ' + page + ' has no caption')
  await new Promise((done) => setTimeout(done, 500))
}`
const manifest = JSON.stringify({ version: 1, metadata: { appmode: 'quarto-static', entrypoint: 'report.mjs' } })
const files = Object.entries({ 'manifest.json': manifest, 'report.mjs': report })
const archive = await createTarGzip(files.map(([name, data]) => ({ name, data })))

pc.createContent({ name: `report-${Date.now()}` })
  .pipe(
    mergeMap(({ guid }) =>
      pc.uploadBundle({ guid, archive }).pipe(
        mergeMap(() => pc.deployContent({ guid })),
        thenJobs(pc, { guid }, { pollInterval: 100 }),
      ),
    ),
    take(1),
  )
  .subscribe({
    next: ({ guid, key }) => console.log(`export CONNECT_CONTENT_GUID=${guid} CONNECT_JOB_KEY=${key}`),
    error: (error: unknown) => {
      console.error(String(error))
      process.exitCode = 1
    },
  })
