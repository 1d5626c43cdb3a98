import { request } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { readBytes, readText } from '../../../sandbox/http/body.ts'
import { type Listening, listen } from '../../../sandbox/http/listen.ts'

let listening: Listening | undefined
afterEach(() => listening?.close())

/** Posts the pieces to a server that answers with what it read of them. */
async function send(pieces: string[], maxBytes: number, length?: number): Promise<string> {
  listening = await listen(0, (incoming, response) => {
    void readBytes(incoming, maxBytes).then((bytes) => response.end(bytes?.toString() ?? 'too large'))
  })
  const { url } = listening
  return new Promise((resolve, reject) => {
    const headers = length === undefined ? {} : { 'content-length': length }
    const asked = request(url, { method: 'POST', headers }, (message) => {
      let text = ''
      message.on('data', (bytes: Buffer) => void (text += bytes.toString()))
      message.once('end', () => resolve(text))
    })
    asked.once('error', reject)
    for (const piece of pieces) asked.write(piece)
    asked.end()
  })
}

test('a body is read whole, chunked or of a stated length, up to its limit', async () => {
  expect(await send(['ab', 'é'], 4)).toBe('abé')
  expect(await send(['ab', 'c'], 4, 3)).toBe('abc')
  expect(await send([], 4)).toBe('')
})

test('a larger one is not, and still gets its answer', async () => {
  expect(await send(['abc', 'de'], 4)).toBe('too large')
  expect(await send(['abcde'], 4, 5)).toBe('too large')
})

test('text has a limit of its own', async () => {
  listening = await listen(0, (incoming, response) => {
    void readText(incoming).then((text) => response.end(String(text?.length)))
  })
  const lengthOf = async (body: string): Promise<string> =>
    (await fetch(listening?.url ?? '', { method: 'POST', body })).text()
  expect([await lengthOf('é'), await lengthOf('x'.repeat(3 << 20))]).toEqual(['1', 'undefined'])
})
