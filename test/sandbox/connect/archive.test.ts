import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createTar } from 'nanotar'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { unpack } from '../../../sandbox/connect/archive.ts'
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

test.each<[string, Record<string, string>]>([
  ['a file that is a directory as well', { a: 'file', 'a/b': 'in it' }],
  ['a directory that is a file as well', { 'a/b': 'in it', a: 'file' }],
  ['a file too many', Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`f${at}`, '']))],
])('%s is code 135, and the path of the server is not told', async (_, files) => {
  const failure: unknown = await unpack(await bundleOf('static', '', files), directory, 1e9).catch(
    (error: unknown) => error,
  )
  expect(failure).toMatchObject({ code: 135 })
  expect(String(failure)).not.toContain(root)
})

/** A bundle with a file whose name stands in an extended header, where it may be anything. */
function bundleWithName(name: string): Uint8Array {
  const manifest = { name: 'manifest.json', data: '{"metadata":{"appmode":"static"}}' }
  const record = ` path=${name}\n`
  const header = `${String(record.length + 3)}${record}`
  const tar = Buffer.from(createTar([manifest, { name: 'pax', data: header }, { name: 'plain', data: 'x' }]))
  // The second entry becomes such a header: its type, and with it its checksum.
  const at = tar.indexOf('pax\0')
  const sum = Number.parseInt(tar.toString('latin1', at + 148, at + 154), 8) + 'x'.charCodeAt(0) - (tar[at + 156] ?? 0)
  tar[at + 156] = 'x'.charCodeAt(0)
  tar.write(sum.toString(8).padStart(6, '0'), at + 148)
  return gzipSync(tar)
}

test('names that no file can have are code 135', async () => {
  const good = 'n'.repeat(120)
  await unpack(bundleWithName(good), directory, 1e6)
  expect(await readFile(join(directory, good), 'utf8')).toBe('x')
  for (const name of ['n'.repeat(300), `${good}\0x`]) {
    await expect(unpack(bundleWithName(name), directory, 1e6)).rejects.toMatchObject({ code: 135 })
  }
})
