import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { help, readFlags } from '../../sandbox/flags.ts'
import { isAlive, textWith, until } from './support.ts'

describe('the flags', () => {
  test('without flags everything has its default', () => {
    expect(readFlags([])).toEqual({
      options: { port: 0, cors: false, tail: { framing: 'ndjson', replay: 'all' }, log: { keeps: 'last' } },
      runningJob: false,
      env: false,
    })
  })

  test('flags become options', () => {
    const flags = [
      '--port',
      '8080',
      '--framing',
      'sse',
      '--replay',
      '20',
      '--keeps',
      'first',
      '--key',
      "it's",
      '--cors',
    ]
    expect(readFlags([...flags, '--running-job', '--env'])).toEqual({
      options: {
        port: 8080,
        cors: true,
        tail: { framing: 'sse', replay: 20 },
        log: { keeps: 'first' },
        apiKey: "it's",
      },
      runningJob: true,
      env: true,
    })
    expect(readFlags(['--replay', 'none'])).toMatchObject({ options: { tail: { replay: 'none' } } })
    expect(readFlags(['--help'])).toBe('help')
  })

  test.each([
    ['--port', '70000'],
    ['--framing', 'xml'],
    ['--replay', 'some'],
    ['--keeps', 'middle'],
    ['--key', 'two words'],
    ['--key', ''],
  ])('%s %s is refused by name', (flag, value) => {
    expect(() => readFlags([flag, value])).toThrow(flag)
  })

  test('the help names every flag', () => {
    for (const flag of ['port', 'framing', 'replay', 'keeps', 'key', 'running-job', 'cors', 'env'])
      expect(help).toContain(`--${flag}`)
    expect(() => readFlags(['--nothing'])).toThrow()
  })
})

describe('npm run sandbox', () => {
  const main = fileURLToPath(new URL('../../sandbox/main.ts', import.meta.url))
  const started: ChildProcess[] = []
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL')
  })

  function cli(...flags: string[]): { child: ChildProcess; output: () => string } {
    const child = spawn(process.execPath, ['--import', 'tsx', main, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
    started.push(child)
    let text = ''
    const add = (bytes: Buffer): void => void (text += bytes.toString())
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    return { child, output: () => text }
  }

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'prints the environment, serves, and ends cleanly on %s',
    async (signal) => {
      const { child, output } = cli('--framing', 'sse')
      const text = await until(output, (seen) => seen.includes('Ctrl-C'))
      const server = /CONNECT_SERVER=(\S+)/.exec(text)?.[1] ?? ''
      const key = /CONNECT_API_KEY=(\S+)/.exec(text)?.[1] ?? ''
      for (const name of ['GENESYS_BASE_URL', 'GENESYS_LOGIN_URL', 'GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET']) {
        expect(text).toMatch(new RegExp(`export ${name}=\\S+`))
      }
      const user = await fetch(`${server}/__api__/v1/user`, { headers: { authorization: `Key ${key}` } })
      expect(user.status).toBe(200)
      child.kill(signal)
      expect(await once(child, 'exit')).toEqual([0, null])
    },
  )

  test('--key and --running-job give a known key and a job that writes', async () => {
    const { output } = cli('--key', 'my-key', '--running-job')
    const text = await until(output, (seen) => seen.includes('Ctrl-C'))
    expect(text).toContain('export CONNECT_API_KEY=my-key\n')
    const [server, guid, key] = ['SERVER', 'CONTENT_GUID', 'JOB_KEY'].map(
      (name) => new RegExp(`export CONNECT_${name}=(\\S+)`).exec(text)?.[1],
    )
    const headers = { authorization: 'Key my-key' }
    const read = async (): Promise<string> =>
      (await fetch(`${server}/__api__/v1/content/${guid}/jobs/${key}/log`, { headers })).text()
    expect(await until(read, (log) => log.includes('line 2'))).toContain('"data":"line 1"')
  })

  test('--env prints what eval takes, ends, and leaves a server behind', async () => {
    const command = `eval "$('${process.execPath}' --import tsx '${main}' --env --key "it's" --running-job)"
      echo "$CONNECT_SERVER $CONNECT_API_KEY $CONNECT_JOB_KEY $RXJOBS_SANDBOX_PID"`
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', command])
    const [server = '', key = '', job = '', pid = ''] = stdout.trim().split(' ')
    try {
      expect([stderr, key, job.length]).toEqual(['', "it's", 16])
      const user = await fetch(`${server}/__api__/v1/user`, { headers: { authorization: `Key ${key}` } })
      expect(user.status).toBe(200)
      await user.text()
    } finally {
      process.kill(Number(pid), 'SIGTERM')
    }
    await until(
      () => isAlive(Number(pid)),
      (alive) => !alive,
    )
  }, 60_000)

  test('--env prints nothing on stdout when the port is taken', async () => {
    const { output } = cli()
    const port = /127\.0\.0\.1:(\d+)/.exec(await until(output, (seen) => seen.includes('Ctrl-C')))?.[1] ?? ''
    const second = promisify(execFile)(process.execPath, ['--import', 'tsx', main, '--env', '--port', port])
    await expect(second).rejects.toMatchObject({ code: 1, stdout: '', stderr: textWith('is taken') })
  }, 60_000)

  test('a wrong flag ends with code 1 and a message on stderr', async () => {
    const { child, output } = cli('--framing', 'xml')
    expect(await once(child, 'close')).toEqual([1, null])
    expect(output()).toContain('--framing')
  })
})
