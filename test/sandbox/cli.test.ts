import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { help, readFlags } from '../../sandbox/flags.ts'
import { until } from './support.ts'

describe('the flags', () => {
  test('without flags everything has its default', () => {
    expect(readFlags([])).toEqual({ port: 0, tail: { framing: 'ndjson', replay: 'all' }, log: { keeps: 'last' } })
  })

  test('flags become options', () => {
    expect(readFlags(['--port', '8080', '--framing', 'sse', '--replay', '20', '--keeps', 'first'])).toEqual({
      port: 8080,
      tail: { framing: 'sse', replay: 20 },
      log: { keeps: 'first' },
    })
    expect(readFlags(['--replay', 'none'])).toMatchObject({ tail: { replay: 'none' } })
    expect(readFlags(['--help'])).toBe('help')
  })

  test.each([
    ['--port', '70000'],
    ['--framing', 'xml'],
    ['--replay', 'some'],
    ['--keeps', 'middle'],
  ])('%s %s is refused by name', (flag, value) => {
    expect(() => readFlags([flag, value])).toThrow(flag)
  })

  test('the help names every flag', () => {
    for (const flag of ['--port', '--framing', '--replay', '--keeps']) expect(help).toContain(flag)
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

  test('a wrong flag ends with code 1 and a message on stderr', async () => {
    const { child, output } = cli('--framing', 'xml')
    expect(await once(child, 'close')).toEqual([1, null])
    expect(output()).toContain('--framing')
  })
})
