import { type Bundle, commandOf, isRendered, modeOf } from './bundle.ts'
import type { Connect } from './connect.ts'
import type { Content } from './contents.ts'
import type { Job } from './job.ts'
import { runJob } from './start.ts'
import type { Log } from './cluster.ts'

/** Renders a document; an app is not started. The active bundle stays active. */
export async function build(connect: Connect, content: Content, bundle: Bundle, log: Log): Promise<void> {
  log(`Unpacked bundle ${bundle.id} of mode ${bundle.appMode}.`)
  if (isRendered(bundle)) await render(connect, content, bundle, log)
  else if (modeOf(bundle).kind === 'static') log('Static content: nothing to run.')
}

/** Builds a bundle, starts it if it is an app that starts with its deploy, and activates it. */
export async function deploy(connect: Connect, content: Content, bundle: Bundle, log: Log): Promise<void> {
  await build(connect, content, bundle, log)
  if (modeOf(bundle).kind === 'app') {
    await stopApps(connect, content)
    if (connect.settings.appsStart === 'deploy') await launch(connect, content, bundle, log)
    else log('The application starts when it is first visited.')
  }
  content.active = bundle
  content.lastDeployedTime = connect.clock.stamp()
  log('Deployed.')
}

/** Runs a document's entry point to its end. Its log is copied into the task's output. */
export async function render(connect: Connect, content: Content, bundle: Bundle, log: Log): Promise<void> {
  log('Rendering...')
  const job = start(connect, content, bundle, 'Unable to render')
  let copied = 0
  const stop = job.log.listen(() => {
    for (const { data } of job.log.entries(copied, job.log.length)) log(data)
    copied = job.log.length
  })
  const exitCode = await job.over
  stop()
  if (exitCode !== 0)
    throw new Error(`Unable to render: Rendering exited abnormally: exit status ${exitCode ?? 'unknown'}`)
}

/** Starts an app and waits for its first line on stdout, its end, or `launchMs`. */
export async function launch(connect: Connect, content: Content, bundle: Bundle, log: Log): Promise<void> {
  log('Launching...')
  const job = start(connect, content, bundle, 'Unable to launch')
  const exitCode = await Promise.race([job.over, firstOutput(connect, job)])
  if (exitCode !== 0)
    throw new Error(`Unable to launch: The application exited abnormally: exit status ${exitCode ?? 'unknown'}`)
}

/** The jobs of apps that run now; several when a draft is visited. */
export function runningApps(connect: Connect, content: Content): ReadonlyArray<Job> {
  return connect.jobs.of(content.guid).filter((job) => job.status === 0 && job.origin.tag.startsWith('run_'))
}

async function stopApps(connect: Connect, content: Content): Promise<void> {
  const running = runningApps(connect, content)
  for (const job of running) job.kill()
  await Promise.all(running.map((job) => job.over))
}

function start(connect: Connect, content: Content, bundle: Bundle, failure: string): Job {
  const command = commandOf(bundle)
  if (command === undefined) throw new Error(`${failure}: "${bundle.entrypoint}" is nothing that can be run here`)
  return runJob(connect, content, { tag: modeOf(bundle).tag, bundleId: bundle.id, command })
}

function firstOutput({ timers, settings }: Connect, { log }: Job): Promise<0> {
  return new Promise((resolve) => {
    let seen = 0
    const done = (): void => {
      stop()
      cancel()
      resolve(0)
    }
    const cancel = timers.after(settings.launchMs, done)
    const stop = log.listen(() => {
      const wrote = log.entries(seen, log.length).some(({ source }) => source === 'stdout')
      seen = log.length
      if (wrote || log.closed) done()
    })
  })
}
