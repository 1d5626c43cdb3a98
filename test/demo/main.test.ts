import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Bundle, bundle } from '../examples/bundle.ts'
import { isAlive, sandboxes, until } from '../sandbox/support.ts'

const start = sandboxes()
const cwd = fileURLToPath(new URL('../..', import.meta.url))
const main = 'demo/main.ts'

let bundled: Bundle
beforeAll(async () => {
  bundled = await bundle([main], ['demo/bundles'])
})
afterAll(() => bundled.remove())

interface Demo {
  readonly pid: number
  readonly stdout: () => string
  readonly stderr: () => string
  /** The exit code, or the signal. */
  readonly end: Promise<number | string | null>
}

const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** Runs the demo in a process group of its own, as a terminal does. */
function demo(
  env: Readonly<Record<string, string>> = {},
  [file, ...args]: readonly [string, ...string[]] = [process.execPath, bundled.pathOf(main)],
): Demo {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(file, args, {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  started.push(child)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const end = once(child, 'close').then(() => child.exitCode ?? child.signalCode)
  return { pid: child.pid ?? 0, stdout: () => stdout, stderr: () => stderr, end }
}

/** Every process below that one. */
function descendants(pid: number): ReadonlyArray<number> {
  const rows = spawnSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).stdout.trim().split('\n')
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number))
  const below = (parent: number): ReadonlyArray<number> =>
    pairs.flatMap(([child, of]) => (of === parent && child !== undefined ? [child, ...below(child)] : []))
  return below(pid)
}

/** The lines of a job's log on the screen. */
const linesOf = (text: string, name: string, from = 'out|err'): ReadonlyArray<string> =>
  text.split('\n').flatMap((line) => new RegExp(`${name} +((?:${from}) \\| .*)`).exec(line)?.[1] ?? [])

describe('on a sandbox of its own', () => {
  test('npm start in a pipe follows four jobs to their ends', async () => {
    const { stdout, end } = demo({}, ['npm', 'start', '--silent'])
    expect(await end).toBe(0)
    const text = stdout()
    expect(text).not.toContain('\x1b')
    expect(text).toMatch(/^support-line +succeeded +\d+\.\ds$/m)
    expect(text).toMatch(
      /^twin-queues +failed +\d+\.\ds {2}RollbackComplete: A .* already exists \(terraform\.failed\)$/m,
    )
    expect(text).toMatch(/^nightly-report +succeeded +\d+\.\ds$/m)
    expect(text).toMatch(
      /^stock-import +failed +\d+\.\ds {2}exit code 3\n +data-source-unreachable: The warehouse could/m,
    )

    // The deploy has lines of its own before its job does, and the reason of the failure.
    expect(linesOf(text, 'stock-import', 'dep')).toContain('dep | Rendering...')
    expect(text).toMatch(/^ +deploy: Unable to render: .* exit status 3$/m)

    // From a dry run to the rollback of a failure.
    const twin = text.split('\n').filter((line) => / twin-queues /.test(line))
    expect(twin[0]).toMatch(/dry run: Plan: 3 to add, 0 to change, 0 to destroy\.$/)
    expect(twin.at(-1)).toMatch(/failed: RollbackComplete: /)
    expect(text).toMatch(/^ +Destroy complete! Resources: 2 destroyed\.$/m)

    // Side by side: all jobs have lines before the first ends.
    const first = text.indexOf(' failed: ')
    for (const name of ['support-line', 'twin-queues', 'nightly-report', 'stock-import']) {
      expect(text.indexOf(name)).toBeLessThan(first)
    }
    // Every line once, although one of the connections was cut on the way.
    expect(text).toContain('live connection: NetworkError')
    const report = linesOf(text, 'nightly-report')
    expect(report).toHaveLength(10)
    expect(new Set(report).size).toBe(10)
    expect(report).toContain('err | south: 17 orders without a date are left out')
    expect(linesOf(text, 'stock-import')).toHaveLength(6)
  }, 30_000)

  test('Ctrl-C ends it with code 130, and all child processes', async () => {
    const { pid, stdout, end } = demo()
    await until(stdout, (text) => /nightly-report +out/.test(text) && /stock-import +out/.test(text), 15_000)
    const children = descendants(pid)
    expect(children.length).toBeGreaterThanOrEqual(3)
    process.kill(-pid, 'SIGINT')
    expect(await end).toBe(130)
    await until(
      () => children.filter(isAlive),
      (alive) => alive.length === 0,
    )
    expect(stdout()).not.toContain('Ended')
  }, 30_000)
})

describe('on the services that the environment names', () => {
  test('follows those jobs and no others', async () => {
    const { connect, genesys } = await start()
    const job = connect.feed()
    job.write([{ source: 'stdout', data: 'the one and only' }])
    const { stdout, stderr, end } = demo({
      CONNECT_SERVER: connect.server,
      CONNECT_API_KEY: connect.apiKey,
      CONNECT_CONTENT_GUID: job.guid,
      GENESYS_BASE_URL: genesys.baseUrl,
      GENESYS_CLIENT_ID: genesys.clientId,
      GENESYS_CLIENT_SECRET: genesys.clientSecret,
      GENESYS_ACCELERATOR_ID: 'support-line',
      GENESYS_PARAMETERS: 'queueName=A+%26+B',
    })
    await until(stdout, (text) => text.includes('the one and only'), 15_000)
    job.finish(7)
    expect(await end).toBe(0)
    expect(stderr()).toBe('')
    expect(stdout()).toMatch(/^support-line +succeeded +\d+\.\ds\nconnect-job +failed +\d+\.\ds {2}exit code 7$/m)
  }, 30_000)

  test('submits nothing when the dry run fails', async () => {
    const { genesys, exchanges } = await start()
    const { stdout, end } = demo({
      GENESYS_BASE_URL: genesys.baseUrl,
      GENESYS_CLIENT_ID: genesys.clientId,
      GENESYS_CLIENT_SECRET: genesys.clientSecret,
      GENESYS_ACCELERATOR_ID: 'support-line',
    })
    expect(await end).toBe(0)
    expect(stdout()).toMatch(/^support-line +failed +\d+\.\ds {2}Failed: No value for required variable "queueName"/m)
    expect(exchanges.filter(({ method, path }) => method === 'POST' && path.includes('jobs'))).toHaveLength(1)
  })

  test('ends with code 1 when a job cannot be followed', async () => {
    const { connect } = await start()
    const { stdout, end } = demo({
      CONNECT_SERVER: connect.server,
      CONNECT_API_KEY: 'not-the-key',
      CONNECT_CONTENT_GUID: 'a-guid',
      CONNECT_JOB_KEY: 'a-job',
    })
    expect(await end).toBe(1)
    expect(stdout()).toMatch(/^connect-job +lost +\d+\.\ds {2}GET .*a-guid.*: 401/m)
    expect(stdout()).not.toContain('not-the-key')
  })

  test('ends with code 1 for unknown content, and follows the other job', async () => {
    const { connect, genesys } = await start()
    const { stdout, end } = demo({
      CONNECT_SERVER: connect.server,
      CONNECT_API_KEY: connect.apiKey,
      CONNECT_CONTENT_GUID: 'no-content',
      GENESYS_BASE_URL: genesys.baseUrl,
      GENESYS_CLIENT_ID: genesys.clientId,
      GENESYS_CLIENT_SECRET: genesys.clientSecret,
      GENESYS_ACCELERATOR_ID: 'quick-wrapup-code',
    })
    expect(await end).toBe(1)
    expect(stdout()).toMatch(/^quick-wrapup-code +succeeded +\d+\.\ds\nconnect-job +lost .*404/m)
  })

  test.each([
    [{ CONNECT_SERVER: 'https://connect.example' }, 'set CONNECT_API_KEY and CONNECT_CONTENT_GUID as well'],
    [{ GENESYS_HOST: 'mypurecloud.de', GENESYS_CLIENT_ID: 'id' }, 'set GENESYS_CLIENT_SECRET and GENESYS_ACCEL'],
    [{ CONNECT_SERVER: 'nonsense', CONNECT_API_KEY: 'k', CONNECT_CONTENT_GUID: 'g' }, 'server: '],
  ])('%o ends with code 1 and one line on stderr', async (env, message) => {
    const { stdout, stderr, end } = demo(env)
    expect(await end).toBe(1)
    expect(stdout()).toBe('')
    expect(stderr()).toContain(message)
    expect(stderr().trim().split('\n')).toHaveLength(1)
  })
})
