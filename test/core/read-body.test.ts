import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { readBody } from '../../src/core/read-body.ts'

async function textOf(body: unknown): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of readBody(body)) text += decoder.decode(chunk, { stream: true })
  return text
}

test.each([null, undefined, ''])('%j is an answer without a body', async (body) => {
  expect(await textOf(body)).toBe('')
})

test('reads a web stream and a Node stream', async () => {
  const chunks = ['a', 'b€'].map((text) => new TextEncoder().encode(text))
  expect(await textOf(new Blob(chunks).stream())).toBe('ab€')
  expect(await textOf(Readable.from(chunks))).toBe('ab€')
})

test('anything else is named as what it is not', () => {
  expect(() => readBody({})).toThrow(/neither a web stream nor an async iterable/)
})

test('the errors of either stream come through', async () => {
  const failure = new Error('cut off')
  const web = new ReadableStream({ pull: (controller) => controller.error(failure) })
  await expect(textOf(web)).rejects.toBe(failure)
  await expect(
    textOf(
      new Readable({
        read() {
          this.destroy(failure)
        },
      }),
    ),
  ).rejects.toBe(failure)
})

test('a Node stream that fails before anyone reads it does not end the process', async () => {
  const body = new Readable({ read: () => undefined })
  const chunks = readBody(body)
  const failure = new Error('aborted')
  const closed = new Promise((resolve) => body.once('close', resolve))
  body.destroy(failure)
  await closed
  await expect(chunks[Symbol.asyncIterator]().next()).rejects.toBe(failure)
})
