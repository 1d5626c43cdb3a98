import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createTar } from 'nanotar'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { unpack } from '../../../src/sandbox/connect/archive.ts'
import { bundleOf } from '../support.ts'

let root = ''
let directory = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'archive-'))
  directory = join(root, 'inside')
  await mkdir(directory)
})
afterEach(() => rm(root, { recursive: true }))

test('writes the files, folders included, and reads the manifest', async () => {
  const archive = await bundleOf('quarto-static', 'src/a.js', { './src/a.js': 'one', 'empty.txt': '' })
  expect(await unpack(archive, directory, 1e6)).toEqual({ appMode: 'quarto-static', entrypoint: 'src/a.js' })
  expect(await readFile(join(directory, 'src/a.js'), 'utf8')).toBe('one')
  expect(await readFile(join(directory, 'empty.txt'), 'utf8')).toBe('')
})

test('a manifest may name its entry point as R content does', async () => {
  const manifest = JSON.stringify({
    version: 1,
    metadata: { appmode: 'rmd-static', primary_rmd: 'a.Rmd', entrypoint: null },
  })
  const archive = gzipSync(createTar([{ name: 'manifest.json', data: manifest }]))
  expect(await unpack(archive, directory, 1e6)).toEqual({ appMode: 'rmd-static', entrypoint: 'a.Rmd' })
})

test.each(['../outside.txt', '/../outside.txt', 'a/../../outside.txt', '..\\outside.txt'])(
  'nothing is written outside for an entry %s',
  async (name) => {
    await unpack(await bundleOf('static', '', { [name]: 'x' }), directory, 1e6).catch(() => undefined)
    expect(existsSync(join(root, 'outside.txt'))).toBe(false)
  },
)

test('what is no gzip, no tar, without a manifest or too large is code 135', async () => {
  const large = await bundleOf('static', '', { 'large.txt': 'x'.repeat(100_000) })
  const archives = [
    Buffer.from('plain'),
    gzipSync('no tar'),
    gzipSync(createTar([{ name: 'a.txt', data: 'a' }])),
    gzipSync(createTar([{ name: 'manifest.json', data: '{"metadata":{}}' }])),
    gzipSync(createTar([{ name: 'manifest.json', data: 'not json' }])),
    new Uint8Array(),
    large,
  ]
  for (const archive of archives) await expect(unpack(archive, directory, 50_000)).rejects.toMatchObject({ code: 135 })
})
