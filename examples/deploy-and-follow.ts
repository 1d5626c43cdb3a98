// Deploys a folder with a manifest.json to Posit Connect, and follows what comes of it: the deploy's output, the log of the
// job that it starts, and at the end how it went, with all that is known of a failure.
//
//   npx tsx examples/deploy-and-follow.ts
//   deno run --allow-env --allow-net --allow-run examples/deploy-and-follow.ts
//   bun examples/deploy-and-follow.ts
//
// Takes CONNECT_SERVER and CONNECT_API_KEY, as `npm run sandbox` prints them, and CONNECT_BUNDLE, the folder; for a sandbox,
// demo/bundles has some. Packs it with tar.
import { spawn } from 'node:child_process'
import process from 'node:process'
import { defer } from 'rxjs'
import { connect, type DeployEvent, deployAndFollow } from 'rxjobs/connect'

const { CONNECT_SERVER: server = '', CONNECT_API_KEY: apiKey = '', CONNECT_BUNDLE: folder = '.' } = process.env
const pc = connect({ server, apiKey })
const tar = (): AsyncIterable<Uint8Array> => spawn('tar', ['-cz', '-C', folder, '.']).stdout

function tell(event: DeployEvent): void {
  if (event._tag === 'Upload') console.log(`${event.state} ${event.bytes} bytes`)
  if (event._tag === 'Line') console.log('key' in event.ref ? `job   ${event.data}` : `task  ${event.data}`)
  if (event._tag !== 'Settled') return
  const { phase, failure } = event.outcome
  console.log(phase)
  if (failure._tag === 'None') return
  const { task, jobs } = failure.value
  if (task._tag === 'Some') console.log(`the task: ${task.value.error} (code ${task.value.code})`)
  for (const { exitCode, error } of jobs) {
    console.log(`the job: exit code ${exitCode}`, error._tag === 'Some' ? error.value.summary : '')
  }
}

deployAndFollow(pc, { name: `deployed-${Date.now()}`, archive: defer(tar) }, { apps: 'leave' }).subscribe({
  next: tell,
  error: (error: unknown) => {
    console.error(String(error))
    process.exitCode = 1
  },
})
