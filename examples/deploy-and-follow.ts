//   npx tsx examples/deploy-and-follow.ts
//   deno run --allow-env --allow-net --allow-run examples/deploy-and-follow.ts
//   bun examples/deploy-and-follow.ts
//
// Deploys a folder with a manifest.json to Posit Connect and follows it: the output of the deploy, the logs of the jobs that it
// starts, and the outcome. Needs CONNECT_SERVER, CONNECT_API_KEY, CONNECT_BUNDLE (the folder), and the program tar.
import { spawn } from 'node:child_process'
import process from 'node:process'
import { defer } from 'rxjs'
import { connect, type DeployEvent, deployAndFollow } from 'rxjobs/connect'
import { environment } from './environment.ts'

const env = environment('CONNECT_SERVER', 'CONNECT_API_KEY', 'CONNECT_BUNDLE')
const pc = connect({ server: env('CONNECT_SERVER'), apiKey: env('CONNECT_API_KEY') })
const tar = (): AsyncIterable<Uint8Array> => spawn('tar', ['-cz', '-C', env('CONNECT_BUNDLE'), '.']).stdout

function print(event: DeployEvent): void {
  if (event._tag === 'Upload') console.log(`bundle ${event.bundle.id}`)
  if (event._tag === 'Line') console.log('key' in event.ref ? `job   ${event.data}` : `task  ${event.data}`)
  if (event._tag !== 'Settled') return
  console.log(event.outcome.phase)
  if (event.outcome.phase !== 'failed') return
  const { task, jobs = [] } = event.outcome.failure ?? {}
  if (task) console.log(`the task: ${task.error} (code ${task.code})`)
  for (const { exitCode, error } of jobs) console.log(`the job: exit code ${exitCode}`, error?.summary ?? '')
}

deployAndFollow(pc, { name: `deployed-${Date.now()}`, archive: defer(tar) }, { apps: 'leave' }).subscribe({
  next: print,
  error: (error: unknown) => {
    console.error(String(error))
    process.exitCode = 1
  },
})
