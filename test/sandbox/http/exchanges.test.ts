import { afterEach, expect, test } from 'vitest'
import { createExchanges, type Exchanges } from '../../../sandbox/http/exchanges.ts'
import { type Listening, listen } from '../../../sandbox/http/listen.ts'

let listening: Listening | undefined
afterEach(() => listening?.close())

/** Answers `/slow` never and everything else at once. */
async function serve(exchanges: Exchanges): Promise<string> {
  listening = await listen(0, (request, response) => {
    exchanges.record(request, response)
    if (request.url?.startsWith('/slow') === true) response.write('so far')
    else response.end('done')
  })
  return listening.url
}

test('tells what was asked, without what the authorization says', async () => {
  const exchanges = createExchanges()
  const url = await serve(exchanges)
  await (await fetch(`${url}/a?b=1`, { method: 'POST', headers: { authorization: 'Key secret' } })).text()
  const exchange = await exchanges.closed()
  expect(exchange).toMatchObject({ method: 'POST', path: '/a?b=1', authorization: 'Key', status: 200, bytesOut: 4 })
  expect(exchange.aborted).toBe(false)
  expect(exchange.closedAt).toBeGreaterThanOrEqual(exchange.openedAt)
  expect(JSON.stringify(exchanges.list)).not.toContain('secret')
})

test('an authorization without a scheme is all secret', async () => {
  const exchanges = createExchanges()
  const url = await serve(exchanges)
  await (await fetch(url, { headers: { authorization: 'all-secret' } })).text()
  expect((await exchanges.closed()).authorization).toBeUndefined()
  expect(JSON.stringify(exchanges.list)).not.toContain('secret')
})

test('sees a client go away in the middle of an answer', async () => {
  const exchanges = createExchanges()
  const url = await serve(exchanges)
  const abort = new AbortController()
  await fetch(`${url}/slow`, { signal: abort.signal })
  expect(exchanges.inFlight()).toBe(1)
  expect(exchanges.inFlight(({ path }) => path === '/other')).toBe(0)
  const closed = exchanges.closed(({ path }) => path === '/slow')
  const at = performance.timeOrigin + performance.now()
  abort.abort()
  const exchange = await closed
  expect(exchange).toMatchObject({ aborted: true, status: 200, bytesOut: 6 })
  expect((exchange.closedAt ?? 0) - at).toBeLessThan(1000)
  expect(exchanges.inFlight()).toBe(0)
})

test('keeps the last ones only, and counts open ones all the same', async () => {
  const exchanges = createExchanges(2)
  const url = await serve(exchanges)
  const abort = new AbortController()
  await fetch(`${url}/slow`, { signal: abort.signal })
  for (const path of ['/1', '/2', '/3']) await (await fetch(url + path)).text()
  expect(exchanges.list.map(({ path }) => path)).toEqual(['/2', '/3'])
  expect(exchanges.inFlight()).toBe(1)
  abort.abort()
})

test('whoever still waits at the close is told', async () => {
  const exchanges = createExchanges()
  const waiting = exchanges.closed()
  exchanges.close()
  await expect(waiting).rejects.toThrow('closed')
})
