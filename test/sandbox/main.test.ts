import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { until } from './support.ts'

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

test.each(['SIGINT', 'SIGTERM'] as const)('prints the environment, serves, and ends cleanly on %s', async (signal) => {
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
})

test('a wrong flag is told on stderr, with exit code 1', async () => {
  const { child, output } = cli('--framing', 'xml')
  expect(await once(child, 'close')).toEqual([1, null])
  expect(output()).toContain('--framing')
})
