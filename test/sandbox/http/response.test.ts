import { request } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { type Listening, listen } from '../../../sandbox/http/listen.ts'
import type { MeteredResponse } from '../../../sandbox/http/response.ts'
import { until } from '../support.ts'

let listening: Listening | undefined
afterEach(() => listening?.close())

interface Got {
  readonly status: number | undefined
  readonly body: string
  readonly whole: boolean
}

/** What a client gets of an answer, however it ends. */
async function get(answer: (response: MeteredResponse) => void): Promise<Got> {
  listening = await listen(0, (_, response) => answer(response))
  const { url } = listening
  return new Promise((resolve) => {
    const asked = request(url, (message) => {
      let body = ''
      message.on('data', (bytes: Buffer) => void (body += bytes.toString()))
      message.on('error', () => undefined)
      message.once('close', () => resolve({ status: message.statusCode, body, whole: message.complete }))
    })
    asked.once('error', () => resolve({ status: undefined, body: '', whole: false }))
    asked.end()
  })
}

test('counts the bytes of the body, whatever form they are given in', async () => {
  let seen: MeteredResponse | undefined
  const got = await get((response) => {
    seen = response
    response.write('é')
    response.write(Buffer.from('ab'), () => undefined)
    response.write('63', 'hex')
    response.end('é', 'latin1')
  })
  expect(got.whole).toBe(true)
  expect(seen?.bodyBytes).toBe(2 + 2 + 1 + 1)
})

test('lets exactly the allowed bytes pass and then calls', async () => {
  let calls = 0
  const got = await get((response) => {
    response.limitBody(3, () => {
      calls += 1
      response.socket?.destroy()
    })
    response.write('ab')
    expect(response.write('cdef')).toBe(false)
    response.end('gh')
  })
  expect(got).toEqual({ status: 200, body: 'abc', whole: false })
  expect(calls).toBe(1)
})

test('a limit of no bytes still sends the head', async () => {
  const got = await get((response) => {
    response.limitBody(0, () => response.socket?.destroy())
    response.writeHead(201, { 'Content-Length': 2 })
    response.end('ab')
  })
  expect(got).toEqual({ status: 201, body: '', whole: false })
})

test('a body within its limit is not touched', async () => {
  const got = await get((response) => {
    response.limitBody(2, () => response.socket?.destroy())
    response.end('ab')
  })
  expect(got).toEqual({ status: 200, body: 'ab', whole: true })
})

test('holding back keeps even the head', async () => {
  const got = await get((response) => {
    response.holdBack(() => response.socket?.destroy())
    response.writeHead(200)
    response.flushHeaders()
  })
  expect(got.status).toBeUndefined()
})

test('once silent, not even the end is sent', async () => {
  let seen: MeteredResponse | undefined
  const got = get((response) => {
    seen = response
    response.write('a')
    response.fallSilent()
    response.write('b')
    response.end()
  })
  await until(
    () => seen?.bodyBytes,
    (bytes) => bytes === 1,
  )
  expect(seen?.writableEnded).toBe(false)
  seen?.socket?.destroy()
  expect(await got).toEqual({ status: 200, body: 'a', whole: false })
})
