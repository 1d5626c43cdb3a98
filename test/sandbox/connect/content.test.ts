import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createTar } from 'nanotar'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { commandOf, modeOf, unpack } from '../../../sandbox/connect/bundle.ts'
import { Contents } from '../../../sandbox/connect/contents.ts'
import {
  bundleOf,
  connectOf,
  field,
  finalized,
  isAlive,
  jsonOf,
  logOf,
  post,
  sandboxes,
  someText,
  until,
  upload,
} from '../support.ts'

const start = sandboxes()

describe('the store of content', () => {
  test('finds content by guid, id and name', () => {
    const contents = new Contents()
    const made = contents.create({ name: 'first-one', title: 'First' }, 'now')
    expect([contents.byGuid(made.guid), contents.byId(String(made.id)), contents.find(made.guid)]).toEqual([
      made,
      made,
      made,
    ])
    contents.create({ name: 'second-one', title: '', guid: 'given' }, 'now')
    expect(contents.named('first-one')).toEqual([made])
    expect(contents.named().length).toBe(2)
    expect([contents.named('none'), contents.find('none')]).toEqual([[], undefined])
  })

  test('names must be valid and unique', () => {
    const contents = new Contents()
    expect(contents.create({ name: 'a.report_1-b', title: '' }, 'now').name).toBe('a.report_1-b')
    const made = contents.create({ name: 'taken', title: '' }, 'now')
    const other = contents.create({ name: 'other', title: '' }, 'now')
    for (const name of ['ab', 'with space', 'x'.repeat(65)]) {
      expect(() => contents.create({ name, title: '' }, 'now')).toThrow(expect.objectContaining({ code: 5 }))
    }
    expect(() => contents.create({ name: 'taken', title: '' }, 'now')).toThrow(expect.objectContaining({ code: 26 }))
    expect(() => contents.rename(other, 'taken')).toThrow(expect.objectContaining({ code: 26 }))
    contents.rename(made, 'taken')
    contents.rename(other, 'renamed')
    expect(contents.named('renamed')).toEqual([other])
  })

  test('unknown content is code 4', () => {
    const contents = new Contents()
    expect(() => contents.byGuid('x')).toThrow(expect.objectContaining({ code: 4 }))
    expect(() => contents.byId('7')).toThrow(expect.objectContaining({ code: 4 }))
  })
})

describe('content', () => {
  test('creates, finds, reads and changes content', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const made = await jsonOf(ask('/v1/content', post({ name: 'my-report', title: 'My report' })))
    const guid = field(made, 'guid')
    expect(made).toMatchObject({
      id: someText,
      name: 'my-report',
      title: 'My report',
      bundle_id: null,
      owner_guid: someText,
      content_url: `${sandbox.url}/content/${guid}/`,
    })
    expect(await jsonOf(ask('/v1/content?name=my-report'))).toEqual([made])
    expect(await jsonOf(ask('/v1/content?name=other'))).toEqual([])
    expect(await jsonOf(ask(`/v1/content/${guid}`))).toEqual(made)
    const patch = { method: 'PATCH', body: JSON.stringify({ title: 'Better', description: 'of more' }) }
    expect(await jsonOf(ask(`/v1/content/${guid}`, patch))).toMatchObject({
      guid,
      title: 'Better',
      description: 'of more',
      name: 'my-report',
    })
  })

  test('content without a name gets one', async () => {
    const ask = connectOf(await start())
    expect(await jsonOf(ask('/v1/content', { method: 'POST' }))).toMatchObject({ name: someText })
  })

  test('deleted content is gone, and its jobs are killed', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const job = await sandbox.connect.start({ script: 'setInterval(() => {}, 1000)' })
    const pid = field(await jsonOf(ask(`/v1/content/${job.guid}/jobs/${job.key}`)), 'pid')
    const answer = await ask(`/v1/content/${job.guid}`, { method: 'DELETE' })
    expect([answer.status, await answer.text()]).toEqual([204, ''])
    for (const path of ['', '/jobs', `/jobs/${job.key}`]) {
      expect((await ask(`/v1/content/${job.guid}${path}`)).status).toBe(404)
    }
    await until(
      () => isAlive(Number(pid)),
      (alive) => !alive,
    )
    const [first, second] = await Promise.all([1, 2].map(() => jsonOf(ask('/v1/content', { method: 'POST' }))))
    expect(field(first, 'id')).not.toBe(field(second, 'id'))
  })

  test('environment variables reach the jobs; their values cannot be read', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const guid = field(await jsonOf(ask('/v1/content', { method: 'POST' })), 'guid')
    const path = `/v1/content/${guid}/environment`
    const change = (method: string, body: unknown): Promise<unknown> =>
      jsonOf(ask(path, { method, body: JSON.stringify(body) }))
    expect(
      await change('PATCH', [
        { name: 'WORD', value: 'given' },
        { name: 'OTHER', value: '1' },
      ]),
    ).toEqual(['WORD', 'OTHER'])
    expect(await change('PATCH', [{ name: 'OTHER', value: null }])).toEqual(['WORD'])
    expect(await jsonOf(ask(path))).toEqual(['WORD'])
    const job = await sandbox.connect.start({ guid, command: ['sh', '-c', 'echo "$WORD$OTHER"'] })
    await finalized(ask, job)
    expect(await logOf(ask, job)).toEqual(['given'])
    expect(await change('PUT', [{ name: 'LAST', value: '' }])).toEqual(['LAST'])
    for (const body of [{}, [1], [{ value: 'a' }], [{ name: 'A=B', value: '' }], [{ name: 'A', value: 1 }]]) {
      expect(await change('PATCH', body)).toMatchObject({ code: 25 })
    }
    expect(await jsonOf(ask(path, { method: 'PATCH', body: '[' }))).toMatchObject({ code: 121 })
    expect(await jsonOf(ask(path))).toEqual(['LAST'])
  })

  test('invalid content is refused with its code', async () => {
    const ask = connectOf(await start())
    await jsonOf(ask('/v1/content', post({ name: 'taken' })))
    const codeOf = async (body: string): Promise<unknown> => jsonOf(ask('/v1/content', { method: 'POST', body }))
    expect(await codeOf('{"name":"taken"}')).toMatchObject({ code: 26 })
    expect(await codeOf('{"name":"a b"}')).toMatchObject({ code: 5 })
    expect(await codeOf('{"name":1}')).toMatchObject({ code: 25 })
    expect(await codeOf('[')).toMatchObject({ code: 121 })
    expect((await ask('/v1/content/nowhere', { method: 'PATCH', body: '{}' })).status).toBe(404)
  })
})

describe('uploads', () => {
  test('takes a gzipped tar as the body or as a part of a form', async () => {
    const ask = connectOf(await start())
    const archive = await bundleOf('static', 'index.html', { 'index.html': '<p>' })
    const { guid, bundleId } = await upload(ask, archive)
    const form = new FormData()
    form.set('archive', new Blob([archive]), 'bundle.tar.gz')
    form.set('metadata', '{}')
    const second = await jsonOf(ask(`/v1/content/${guid}/bundles`, { method: 'POST', body: form }))
    expect(second).toMatchObject({ content_guid: guid, size: archive.length, active: false, created_time: someText })
    expect(field(second, 'id')).not.toBe(bundleId)
  })

  test('shows the bundles of content, the newest first', async () => {
    const ask = connectOf(await start())
    const archive = await bundleOf('static', 'index.html', { 'index.html': '<p>' })
    const { guid, bundleId } = await upload(ask, archive)
    const path = `/v1/content/${guid}/bundles`
    const newer = field(await jsonOf(ask(path, { method: 'POST', body: archive })), 'id')
    expect(await jsonOf(ask(path))).toMatchObject([{ id: newer }, { id: bundleId, content_guid: guid, active: false }])
    expect(await jsonOf(ask(`${path}/${bundleId}`))).toMatchObject({ id: bundleId, size: archive.length })
    expect(await jsonOf(ask(`${path}/999`))).toMatchObject({ code: 4 })
  })

  test('refuses invalid and large bundles', async () => {
    const ask = connectOf(await start({ connect: { maxBundleBytes: 2000 } }))
    const guid = field(await jsonOf(ask('/v1/content', post({ name: 'some-name' }))), 'guid')
    const send = (body: string | FormData): Promise<Response> =>
      ask(`/v1/content/${guid}/bundles`, { method: 'POST', body })
    for (const body of ['', 'no gzip', 'x'.repeat(5000), new FormData()]) {
      const answer = await send(body)
      expect([answer.status, await answer.json()]).toMatchObject([400, { code: 135 }])
    }
    expect((await ask('/v1/content/nowhere/bundles', { method: 'POST', body: 'a' })).status).toBe(404)
  })

  test('takes a chunked upload', async () => {
    const sandbox = await start()
    const { guid } = await upload(connectOf(sandbox), await bundleOf('static', '', {}))
    const archive = await bundleOf('static', 'index.html', { 'index.html': '<p>' })
    const status = await new Promise((resolve, reject) => {
      const url = `${sandbox.url}/__api__/v1/content/${guid}/bundles`
      const headers = { authorization: `Key ${sandbox.connect.apiKey}` }
      const asked = request(url, { method: 'POST', headers }, (message) => {
        message.resume()
        resolve(message.statusCode)
      })
      asked.once('error', reject)
      for (const byte of archive) asked.write(Buffer.of(byte))
      asked.end()
    })
    expect(status).toBe(200)
  })
})

describe('archives', () => {
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

  test('reads the entry point of R content', async () => {
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

  test('other files, archives without manifest and large ones are code 135', async () => {
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
    for (const archive of archives)
      await expect(unpack(archive, directory, 50_000)).rejects.toMatchObject({ code: 135 })
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
    const sum =
      Number.parseInt(tar.toString('latin1', at + 148, at + 154), 8) + 'x'.charCodeAt(0) - (tar[at + 156] ?? 0)
    tar[at + 156] = 'x'.charCodeAt(0)
    tar.write(sum.toString(8).padStart(6, '0'), at + 148)
    return gzipSync(tar)
  }

  test('names that the file system refuses are code 135', async () => {
    const good = 'n'.repeat(120)
    await unpack(bundleWithName(good), directory, 1e6)
    expect(await readFile(join(directory, good), 'utf8')).toBe('x')
    for (const name of ['n'.repeat(300), `${good}\0x`]) {
      await expect(unpack(bundleWithName(name), directory, 1e6)).rejects.toMatchObject({ code: 135 })
    }
  })
})

describe('app modes', () => {
  test('each app mode has a kind and a tag', () => {
    expect(modeOf({ appMode: 'quarto-static' })).toEqual({ kind: 'document', tag: 'build_report' })
    expect(modeOf({ appMode: 'jupyter-static' })).toEqual({ kind: 'document', tag: 'build_jupyter' })
    expect(modeOf({ appMode: 'python-fastapi' })).toEqual({ kind: 'app', tag: 'run_fastapi_app' })
    expect(modeOf({ appMode: 'static' }).kind).toBe('static')
  })

  test('an unknown python mode is an app, any other unknown mode is code 148', () => {
    expect(modeOf({ appMode: 'python-gradio' })).toEqual({ kind: 'app', tag: 'run_app' })
    for (const appMode of ['unheard-of', 'constructor']) {
      expect(() => modeOf({ appMode })).toThrow(expect.objectContaining({ code: 148 }))
    }
  })
})

describe('entry points', () => {
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

  test('the file extension decides what runs it', () => {
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
})
