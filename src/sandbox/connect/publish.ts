import { type AppMode, appModeOf } from './appModes.ts'
import type { Bundle } from './bundle.ts'
import type { Connect } from './connect.ts'
import type { Content } from './contents.ts'
import { commandOf } from './entrypoint.ts'
import { ConnectError } from './errors.ts'
import type { Job } from './job.ts'
import { runJob } from './runJob.ts'

/** Takes a line of the building log. */
export type Say = (line: string) => void

/** The mode of a bundle; throws code 148 for one that there is not. */
export function modeOf(bundle: Bundle): AppMode {
  const mode = appModeOf(bundle.appMode)
  if (mode === undefined) throw new ConnectError(148)
  return mode
}

/** Makes a bundle the active one: renders a document, starts an app, or leaves the app to its first visit. */
export async function deploy(connect: Connect, content: Content, bundle: Bundle, say: Say): Promise<void> {
  const { kind } = modeOf(bundle)
  say(`Unpacked bundle ${bundle.id} of mode ${bundle.appMode}.`)
  if (kind === 'static') say('Static content: nothing to run.')
  if (kind === 'document') await render(connect, content, bundle, say)
  if (kind === 'app') {
    await stopApp(connect, content)
    if (connect.settings.appsStart === 'deploy') await launch(connect, content, bundle, say)
    else say('The application starts when it is first visited.')
  }
  content.active = bundle
  content.lastDeployedTime = connect.clock.stamp()
  say('Deployed.')
}

/** Runs a document's entry point to its end; its log goes into the building log as well. */
export async function render(connect: Connect, content: Content, bundle: Bundle, say: Say): Promise<void> {
  say('Rendering...')
  const job = start(connect, content, bundle, 'Unable to render')
  let told = 0
  const tell = (): void => {
    for (const { data } of job.log.entries(told, job.log.length)) say(data)
    told = job.log.length
  }
  const stop = job.log.listen(tell)
  const exitCode = await job.over
  stop()
  if (exitCode !== 0)
    throw new Error(`Unable to render: Rendering exited abnormally: exit status ${exitCode ?? 'unknown'}`)
}

/** Starts an app and waits until it wrote a line to stdout, ended, or had its time. */
export async function launch(connect: Connect, content: Content, bundle: Bundle, say: Say): Promise<void> {
  say('Launching...')
  const job = start(connect, content, bundle, 'Unable to launch')
  const exitCode = await Promise.race([job.over, firstOutput(connect, job)])
  if (exitCode !== 0)
    throw new Error(`Unable to launch: The application exited abnormally: exit status ${exitCode ?? 'unknown'}`)
}

/** The app's job that runs now. */
export function runningApp(connect: Connect, content: Content): Job | undefined {
  return connect.jobs.of(content.guid).find((job) => job.status === 0 && job.origin.tag.startsWith('run_'))
}

async function stopApp(connect: Connect, content: Content): Promise<void> {
  const job = runningApp(connect, content)
  job?.kill()
  await job?.over
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
