import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createWarden } from '../../../sandbox/process/warden.ts'

test('at its end it kills the groups it still watches, spares the released ones, and removes the directory', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'warden-'))
  const warden = createWarden(directory)
  const start = (): ReturnType<typeof spawn> => spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
  const [watched, released] = [start(), start()]
  for (const { pid } of [watched, released]) warden.watch(pid ?? 0)
  warden.release(released.pid ?? 0)
  const gone = once(watched, 'exit')
  await warden.close()
  expect(await gone).toEqual([null, 'SIGKILL'])
  expect(released.exitCode).toBeNull()
  expect(existsSync(directory)).toBe(false)
  released.kill('SIGKILL')
  await once(released, 'exit')
})
