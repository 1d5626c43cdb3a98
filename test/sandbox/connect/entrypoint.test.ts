import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandOf } from '../../../sandbox/connect/entrypoint.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'entry-'))
  await mkdir(join(root, 'in/app'), { recursive: true })
  for (const name of ['in/a.mjs', 'in/a.sh', 'in/app/main.py', 'in/a.Rmd', 'out.sh'])
    await writeFile(join(root, name), '')
})
afterAll(() => rm(root, { recursive: true }))

function runnerOf(entrypoint: string): [string, string] | undefined {
  const directory = join(root, 'in')
  const command = commandOf({ id: 1, createdTime: '', size: 0, appMode: 'nodejs', directory, entrypoint })
  return command && [command.file, command.args.join(' ').replace(`${directory}/`, '')]
}

test('the kind of file decides what runs it', () => {
  expect(runnerOf('a.mjs')).toEqual([process.execPath, 'a.mjs'])
  expect(runnerOf('a.sh')).toEqual(['sh', 'a.sh'])
  expect(runnerOf('app/main.py')).toEqual(['python3', 'app/main.py'])
})

test('python apps may name a module and an object in it', () => {
  expect(runnerOf('app.main:api')).toEqual(['python3', 'app/main.py'])
  expect(runnerOf('app.main')).toEqual(['python3', 'app/main.py'])
})

test.each(['a.Rmd', 'missing.sh', '', '../out.sh', 'app'])('"%s" cannot be run', (entrypoint) => {
  expect(runnerOf(entrypoint)).toBeUndefined()
})
