//   npx tsx examples/github-run.ts
//   deno run --allow-env --allow-net examples/github-run.ts
//   bun examples/github-run.ts
//
// Starts a GitHub Actions workflow and follows its run (see github-actions.ts): status, log, and which jobs failed.
// Needs GITHUB_TOKEN and GITHUB_REPOSITORY (owner/name). GITHUB_WORKFLOW (default ci.yml), GITHUB_REF_NAME (default main)
// and GITHUB_API_URL may be set.
import process from 'node:process'
import { thenFollow } from 'rxjobs'
import { environment } from './environment.ts'
import { githubActions } from './github-actions.ts'

const env = environment('GITHUB_TOKEN', 'GITHUB_REPOSITORY')
const { GITHUB_WORKFLOW: workflow_id = 'ci.yml', GITHUB_REF_NAME: ref = 'main', GITHUB_API_URL } = process.env
const [owner = '', repo = ''] = env('GITHUB_REPOSITORY').split('/')
const { start, runs } = githubActions(env('GITHUB_TOKEN'), GITHUB_API_URL)

start({ owner, repo, workflow_id, ref })
  .pipe(thenFollow(runs))
  .subscribe({
    next: (event) => {
      if (event._tag === 'Status') console.log(`run ${event.ref.run_id} is ${event.job.status}`)
      if (event._tag === 'Line') console.log(`  ${event.source} | ${event.data}`)
      if (event._tag !== 'Settled') return
      const { outcome } = event
      console.log(outcome.phase, outcome.phase === 'failed' ? `because of ${outcome.failure?.join(', ')}` : '')
    },
    error: (error: unknown) => {
      console.error(String(error))
      process.exitCode = 1
    },
  })
