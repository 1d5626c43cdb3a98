import { type Bundle, commandOf, isRendered, modeOf } from './bundle.ts'
import type { Connect } from './connect.ts'
import type { Content } from './contents.ts'
import type { Job } from './job.ts'
import { type LogEntry, timedLine } from './log.ts'
import { runJob } from './start.ts'
import type { Log } from './cluster.ts'

/** Restores the environment; without restore jobs it renders a document instead. The active bundle stays active. */
export async function build(connect: Connect, content: Content, bundle: Bundle, log: Log): Promise<void> {
  if (connect.settings.restoreJob) await prepare(connect, content, bundle, log)
  else await draft(connect, content, bundle, log)
}

/** Renders a document; an app is not started. The active bundle stays active. */
export async function draft(connect: Connect, content: Content, bundle: Bundle, log: Log): Promise<void> {
  await prepare(connect, content, bundle, log)
  if (isRendered(bundle)) await render(connect, content, bundle, log)
  else if (modeOf(bundle).kind === 'static') log('Static content: nothing to run.')
}

/** Makes a draft of a bundle, starts it if it is an app that starts with its deploy, and activates it. */
export async function deploy(connect: Connect, content: Content, bundle: Bundle, log: Log): Promise<void> {
  await draft(connect, content, bundle, log)
  if (modeOf(bundle).kind === 'app') {
    await stopApps(connect, content)
    if (connect.settings.appsStart === 'deploy') await launch(connect, content, bundle, log)
    else log('The application starts when it is first visited.')
  }
  content.active = bundle
  content.lastDeployedTime = connect.clock.stamp()
  log('Deployed.')
}

async function prepare(connect: Connect, content: Content, bundle: Bundle, log: Log): Promise<void> {
  log(`Unpacked bundle ${bundle.id} of mode ${bundle.appMode}.`)
  if (!connect.settings.restoreJob || (modeOf(bundle).kind === 'static' && !isRendered(bundle))) return
  log('Restoring the environment...')
  const { appMode, directory } = bundle
  const command = restoreScripts
    .map((entrypoint) => commandOf({ ...bundle, entrypoint }))
    .find((one) => one !== undefined)
  const job = runJob(connect, content, {
    tag: /^(python|jupyter)-/.test(appMode) ? 'python_restore' : 'packrat_restore',
    bundleId: bundle.id,
    command: command ?? { file: 'echo', args: ['The environment is ready.'], cwd: directory },
  })
  await finish(connect, job, log, 'Unable to restore: Restoring')
}

const restoreScripts = ['restore.sh', 'restore.mjs']

/** Runs a document's entry point to its end. Its log is copied into the task's output. */
export async function render(connect: Connect, content: Content, bundle: Bundle, log: Log): Promise<void> {
  log('Rendering...')
  await finish(connect, start(connect, content, bundle, 'Unable to render'), log, 'Unable to render: Rendering')
}

/** Waits for the end of a job, with its log copied. Throws when it failed. */
async function finish(connect: Connect, job: Job, log: Log, failure: string): Promise<void> {
  const stop = copyLog(connect, job, log)
  const exitCode = await job.over
  stop()
  checkExit(connect, job, exitCode, log, failure)
}

/** Starts an app and waits for its first line on stdout, its end, or `launchMs`. */
export async function launch(connect: Connect, content: Content, bundle: Bundle, log: Log): Promise<void> {
  log('Launching...')
  const job = start(connect, content, bundle, 'Unable to launch')
  const stop = connect.settings.taskOutput === 'recorded' ? copyLog(connect, job, log) : () => undefined
  const exitCode = await Promise.race([job.over, firstOutput(connect, job)])
  stop()
  checkExit(connect, job, exitCode, log, 'Unable to launch: The application')
}

/** Copies a job's lines into the output of its task, until the function that it returns is called. */
function copyLog({ settings }: Connect, job: Job, log: Log): () => void {
  const text = settings.taskOutput === 'recorded' ? timedLine : ({ data }: LogEntry): string => data
  let copied = 0
  const copy = (): void => {
    const entries = job.log.entries(copied, job.log.length)
    copied += entries.length
    for (const entry of entries) log(text(entry))
  }
  copy()
  const stop = job.log.listen(copy)
  return () => {
    stop()
    copy()
  }
}

function checkExit({ settings }: Connect, job: Job, exitCode: number | null, log: Log, failure: string): void {
  if (exitCode === 0) return
  const message = `${failure} exited abnormally: exit status ${exitCode ?? 'unknown'}`
  const code = job.error?.code
  if (settings.taskOutput === 'plain' || code === undefined) throw new Error(message)
  log(`For help see https://rxjobs.example/errors/#${code}`)
  throw new Error(`${message} (Error code: ${code})`)
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
