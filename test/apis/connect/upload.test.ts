import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { firstValueFrom, from, NEVER, throwError, VirtualTimeScheduler } from 'rxjs'
import { HttpError } from 'rxjobs'
import { type Archive, connect, uploadArchive } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { bundleOf, sandboxes, someText, until } from '../../sandbox/support.ts'
import { answering, connectTo, errorOf, refusal, serve } from '../support.ts'

const start = sandboxes()
const archive = await bundleOf('quarto-static', 'r.mjs', { 'r.mjs': "console.log('rendered')" })
const half = archive.byteLength >> 1
const pieces = [archive.subarray(0, half), archive.subarray(half)]
const size = archive.byteLength

async function* generated(): AsyncGenerator<Uint8Array> {
  yield* await Promise.resolve(pieces)
}

test.each<[what: string, archive: () => Archive]>([
  ['bytes', () => archive],
  ['a Buffer', () => Buffer.from(archive)],
  ['an Observable', () => from(pieces)],
  ['an async generator', generated],
  ['a Blob', () => new Blob([archive])],
  ['a web stream', () => new Blob([archive]).stream()],
])('%s is stored', async (_, given) => {
  const pc = connectTo(await start())
  const { guid } = await firstValueFrom(pc.createContent({ name: 'a-report' }))
  const upload = uploadArchive(pc, { guid, archive: given() })
  expect(await firstValueFrom(upload)).toMatchObject({ id: someText, size })
})

test('a Node stream arrives as it is on disk, as one body with its type and length', async () => {
  const path = fileURLToPath(import.meta.url)
  const got: Array<Buffer> = []
  const types: Array<unknown> = []
  const server = await serve((request, response) => {
    types.push(request.headers['content-type'], request.headers['content-length'])
    request.on('data', (piece: Buffer) => got.push(piece))
    request.on('end', () => response.end('{"id":"1"}'))
  })
  const pc = connect({ server, apiKey: 'k' })
  const stream = createReadStream(path, { highWaterMark: 100 })
  await firstValueFrom(uploadArchive(pc, { guid: 'g', archive: stream }))
  const file = await readFile(path)
  expect([Buffer.concat(got).equals(file), types]).toEqual([true, ['application/gzip', String(file.byteLength)]])
})

test('an archive that can be read again is sent whole to each subscriber', async () => {
  const { transport, requests } = answering(() => ({ body: { id: '1' } }))
  const pc = connect({ server: 'https://host', apiKey: 'k', transport })
  const upload = uploadArchive(pc, { guid: 'g', archive: from(pieces) })
  await firstValueFrom(upload)
  await firstValueFrom(upload)
  expect(requests.map(({ body }) => body)).toEqual([archive, archive])
})

test('what is no archive is refused by the service', async () => {
  const pc = connectTo(await start())
  const { guid } = await firstValueFrom(pc.createContent({ name: 'a-report' }))
  const none = new TextEncoder().encode('none')
  expect(await errorOf(uploadArchive(pc, { guid, archive: none }))).toMatchObject({ status: 400, code: 135 })
})

test('a refusal before the whole was read is its error, and what still goes over the connection is nobody’s', async () => {
  let closed = 0
  const server = await serve((request, response) => {
    request.socket.once('close', () => closed++)
    request.once('data', () => {
      response.writeHead(413, { 'content-type': 'text/html' }).end('<h1>413 Request Entity Too Large</h1>')
      // In good order, whatever is still on its way.
      response.once('finish', () => request.socket.destroySoon())
    })
  })
  const upload = connect({ server, apiKey: 'k' }).uploadBundle({ guid: 'g', archive: new Uint8Array(1 << 26) })
  for (let times = 0; times < 3; times++)
    expect(await errorOf(upload)).toMatchObject({ _tag: 'HttpError', status: 413 })
  // An error that nobody hears comes with that close, and fails the test run.
  await until(
    () => closed,
    (count) => count === 3,
  )
})

test('an upload whose connection breaks is a NetworkError, and not begun again', async () => {
  const bytes: Array<number> = []
  const server = await serve((request) => {
    request.once('data', (piece: Buffer) => {
      bytes.push(piece.byteLength)
      request.socket.destroy()
    })
  })
  const upload = connect({ server, apiKey: 'k' }).uploadBundle({ guid: 'g', archive: new Uint8Array(1 << 26) })
  expect(await errorOf(upload)).toMatchObject({ _tag: 'NetworkError', method: 'POST' })
  expect(bytes).toHaveLength(1)
})

test('the error of an archive that cannot be read comes out as it is, and nothing is sent', async () => {
  const { transport, requests } = answering(() => ({ body: { id: '1' } }))
  const pc = connect({ server: 'https://host', apiKey: 'k', transport })
  const missing = createReadStream('/no/such/bundle.tar.gz')
  await expect(firstValueFrom(uploadArchive(pc, { guid: 'g', archive: missing }))).rejects.toMatchObject({
    code: 'ENOENT',
  })
  const own = new HttpError({ method: 'GET', path: '/archives/7', status: 410 })
  expect(await errorOf(uploadArchive(pc, { guid: 'g', archive: throwError(() => own) }))).toBe(own)
  expect(requests).toEqual([])
})

test('what can never work is refused: at the call where it is known, else before anything is sent', async () => {
  const { transport, requests } = answering(() => ({ body: { id: '1' } }))
  const pc = connect({ server: 'https://host', apiKey: 'k', transport })
  const upload = (given: Archive): Promise<unknown> => firstValueFrom(uploadArchive(pc, { guid: 'g', archive: given }))
  expect(refusal(() => uploadArchive(pc, { guid: '', archive }))).toMatch(/^uploadBundle: guid must be/)
  expect(refusal(() => uploadArchive(pc, { guid: '', archive: from(pieces) }))).toMatch(/^uploadBundle: guid must be/)
  expect(refusal(() => uploadArchive(pc, { guid: 'g', archive: new Uint8Array() }))).toMatch(/archive must be a Uint8A/)
  const noArchive =
    /^uploadArchive: archive must be a Uint8Array that is not empty, a Blob, or a stream of Uint8Arrays, was /
  // @ts-expect-error: only its view is bytes
  expect(refusal(() => uploadArchive(pc, { guid: 'g', archive: archive.buffer }))).toMatch(noArchive)
  // @ts-expect-error: nothing is no archive
  expect(refusal(() => uploadArchive(pc, { guid: 'g' }))).toMatch(noArchive)
  await expect(upload(from([]))).rejects.toThrow(/^uploadBundle: archive must be a Uint8Array that is not empty/)
  const texts: AsyncIterable<unknown> = createReadStream(fileURLToPath(import.meta.url), 'utf8')
  await expect(upload(from(texts) as Archive)).rejects.toThrow('archive: its stream must be of Uint8Array')
  expect(requests).toEqual([])
})

test('the time grows with the size, unless the call says how long', () => {
  const clock = new VirtualTimeScheduler()
  const endsAt = (timeout?: number): number => {
    const began = clock.now()
    let ended = 0
    connect({ server: 'https://host', apiKey: 'k', transport: () => NEVER, timeout: 5_000, scheduler: clock })
      .uploadBundle({ guid: 'g', archive: new Uint8Array(1_000_000) }, timeout === undefined ? {} : { timeout })
      .subscribe({ error: () => (ended = clock.now()) })
    clock.flush()
    return ended - began
  }
  expect([endsAt(), endsAt(100)]).toEqual([15_000, 100])
})
