// Starts a GitHub Actions workflow and follows its run: status, log, and which jobs failed (see github-actions.ts).
//
//   npx tsx examples/github-run.ts
//   deno run --allow-env --allow-net examples/github-run.ts
//   bun examples/github-run.ts
//
// Takes GITHUB_TOKEN, GITHUB_REPOSITORY (owner/name), GITHUB_WORKFLOW (ci.yml), GITHUB_REF_NAME (main) and, for a server
// of your own, GITHUB_API_URL.
import process from 'node:process'
import { thenFollow } from 'rxjobs'
import { githubActions } from './github-actions.ts'

const { GITHUB_TOKEN = '', GITHUB_REPOSITORY = '', GITHUB_API_URL } = process.env
const { GITHUB_WORKFLOW: workflow_id = 'ci.yml', GITHUB_REF_NAME: ref = 'main' } = process.env
const [owner = '', repo = ''] = GITHUB_REPOSITORY.split('/')
const { start, runs } = githubActions(GITHUB_TOKEN, GITHUB_API_URL)

start({ owner, repo, workflow_id, ref })
  .pipe(thenFollow(runs))
  .subscribe({
    next: (event) => {
      if (event._tag === 'Status') console.log(`run ${event.ref.run_id} is ${event.job.status}`)
      if (event._tag === 'Line') console.log(`  ${event.source} | ${event.data}`)
      if (event._tag === 'Settled') console.log(event.outcome.phase, JSON.stringify(event.outcome.failure))
    },
    error: (error: unknown) => {
      console.error(String(error))
      process.exitCode = 1
    },
  })
