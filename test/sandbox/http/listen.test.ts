import { expect, test } from 'vitest'
import { listen } from '../../../sandbox/http/listen.ts'

test('serves on loopback and is gone after the close, open sockets included', async () => {
  const listening = await listen(0, (_, response) => void response.write('a'))
  expect(listening.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  const { body } = await fetch(listening.url)
  await listening.close()
  await expect(new Response(body).text()).rejects.toThrow()
  await expect(fetch(listening.url)).rejects.toThrow()
})

test('rejects when the port is taken', async () => {
  const first = await listen(0, (_, response) => void response.end())
  const { port } = new URL(first.url)
  await expect(listen(Number(port), () => undefined)).rejects.toThrow(
    `port ${port} is taken: choose another with --port`,
  )
  await first.close()
})
