import crossFetch from 'cross-fetch'
import * as t from 'io-ts'
import { expect, test } from 'vitest'
import { NetworkError } from '../../src/core/errors/index.ts'
import { type Fetch, fetchTransport } from '../../src/core/fetch-transport.ts'
import { accessToken, client, json } from '../../src/core/index.ts'
import { lazyFetch } from '../../src/core/lazy-fetch.ts'
import type { HttpRequest } from '../../src/core/transport.ts'
import { errorOf, outcomeOf } from './support/outcome.ts'
import { servers } from './support/server.ts'
import { atRest } from './support/until.ts'

const serve = servers()
const get = (url: string): HttpRequest => ({ method: 'GET', url, headers: [] })

test('nothing is loaded before a request, and one load serves all', async () => {
  const { url, seen } = await serve((_, response) => response.end('fine'))
  let loads = 0
  const transport = fetchTransport(lazyFetch(() => (loads++, import('cross-fetch'))))
  const request = transport(get(url))
  expect(loads).toBe(0)
  const ends = await Promise.all([outcomeOf(request), outcomeOf(request)])
  await outcomeOf(request)
  expect(ends.map(({ completed }) => completed)).toEqual([true, true])
  expect([loads, seen.length]).toEqual([1, 3])
})

test('who leaves before it is loaded sends nothing', async () => {
  const { url, seen } = await serve((_, response) => response.end('fine'))
  let loaded: (module: { default: Fetch }) => void = () => undefined
  const loading = new Promise<{ default: Fetch }>((resolve) => (loaded = resolve))
  const transport = fetchTransport(lazyFetch(() => loading))
  transport(get(`${url}/left`))
    .subscribe()
    .unsubscribe()
  const stayed = outcomeOf(transport(get(`${url}/stayed`)))
  loaded({ default: crossFetch })
  expect((await stayed).completed).toBe(true)
  await atRest(() => seen.length)
  expect(seen.map((one) => one.url)).toEqual(['/stayed'])
})

test('a load that fails is an error that says what to do, in the loader’s words, and is tried again by the next request', async () => {
  const { url } = await serve((_, response) => response.end('"fine"'))
  let loads = 0
  const missing = Object.assign(new Error("Cannot find package 'cross-fetch'"), { code: 'ERR_MODULE_NOT_FOUND' })
  const fetch = lazyFetch(() => (++loads === 1 ? Promise.reject(missing) : import('cross-fetch')))
  const call = client({ baseUrl: url, auth: accessToken('a-token'), fetch, retry: false }).run(
    { name: 'read', method: 'GET', path: '/', parameters: {}, answers: { 200: json(t.string) } },
    {},
  )
  const error = await errorOf(call, (thrown) => thrown instanceof NetworkError)
  expect(error.message).toBe(
    `GET / at ${url}: cross-fetch cannot be loaded; the client takes another \`fetch\`: ` +
      "Cannot find package 'cross-fetch' (ERR_MODULE_NOT_FOUND)",
  )
  expect(await outcomeOf(call)).toMatchObject({ values: ['fine'], completed: true })
  expect(loads).toBe(2)
})
