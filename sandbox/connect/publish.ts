import { type AppMode, appModeOf } from './app-modes.ts'
import type { Bundle } from './bundle.ts'
import type { Connect } from './connect.ts'
import type { Content } from './contents.ts'
import { commandOf } from './entrypoint.ts'
import { ConnectError } from './errors.ts'
import type { Job } from './job.ts'
import { runJob } from './run-job.ts'

/** Takes a line of the building log. */
export type Say = (line: string) => void

/** The mode of a bundle; throws code 148 for one that there is not. */
export function modeOf(bundle: Bundle): AppMode {
  const mode = appModeOf(bundle.appMode)
  if (mode === undefined) throw new ConnectError(148)
  return mode
}

/** Whether a bundle has something to render: a document has, static content only when it brings a program. */
export function isRendered(bundle: Bundle): boolean {
  const { kind } = modeOf(bundle)
  return kind === 'document' || (kind === 'static' && commandOf(bundle) !== undefined)
}

/** Renders a document; an app is left to its first visit. The active bundle stays the one that it was. */
export async function build(connect: Connect, content: Content, bundle: Bundle, say: Say): Promise<void> {
  say(`Unpacked bundle ${bundle.id} of mode ${bundle.appMode}.`)
  if (isRendered(bundle)) await render(connect, content, bundle, say)
  else if (modeOf(bundle).kind === 'static') say('Static content: nothing to run.')
}

/** Builds a bundle, starts it if it is an app that starts with its deploy, and makes it the active one. */
export async function deploy(connect: Connect, content: Content, bundle: Bundle, say: Say): Promise<void> {
  await build(connect, content, bundle, say)
  if (modeOf(bundle).kind === 'app') {
    await stopApps(connect, content)
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

/** The jobs of apps that run now; more than one when a draft is looked at. */
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
