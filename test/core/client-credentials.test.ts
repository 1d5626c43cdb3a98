import { inspect } from 'node:util'
import { forkJoin } from 'rxjs'
import { expect, test } from 'vitest'
import { client } from '../../src/core/client.ts'
import { clientCredentials } from '../../src/core/client-credentials.ts'
import { header } from '../../src/core/transport.ts'
import { canned } from './support/canned.ts'
import { SettableScheduler } from './support/settable-scheduler.ts'
import { getThing } from './support/things.ts'
import { basic, clientId, clientSecret, fine, isToken, loginUrl, token, tokenService } from './support/token-service.ts'
import { virtualClient } from './support/virtual.ts'

test('asks for a token as RFC 6749 has it, and uses it', () => {
  const { client, outcome, requests, bearers } = tokenService()
  expect(outcome(client.run(getThing, { id: 'a' })).values).toEqual([{ id: 'a' }])
  expect(requests[0]?.request).toMatchObject({
    method: 'POST',
    url: `${loginUrl}/oauth/token`,
    body: 'grant_type=client_credentials',
  })
  const { headers } = requests[0]?.request ?? { headers: [] }
  expect(header(headers, 'authorization')).toBe(`Basic ${basic}`)
  expect(header(headers, 'content-type')).toBe('application/x-www-form-urlencoded')
  expect(bearers()).toEqual(['Bearer token-0'])
})

test('200 concurrent calls share one token request, and so do those that come while it runs', () => {
  const { client, outcome, tokens, bearers, scheduler } = tokenService()
  const calls = Array.from({ length: 200 }, () => client.run(getThing, { id: 'a' }))
  scheduler.schedule(() => client.run(getThing, { id: 'late' }).subscribe(), 99)
  expect(outcome(forkJoin(calls)).values).toHaveLength(1)
  expect(tokens()).toEqual([0])
  expect(new Set(bearers())).toEqual(new Set(['Bearer token-0']))
  expect(bearers()).toHaveLength(201)
})

test.each([
  ['a tenth before the end', { expires_in: 100 }, 90_000],
  ['a minute before the end', { expires_in: 86_400 }, 86_340_000],
  ['at once, when it has no life', { expires_in: 0 }, 0],
])('renews %s', (_, lifetime, after) => {
  const { client, tokens, scheduler } = tokenService((index) => token(index, lifetime))
  const call = (): void => void client.run(getThing, { id: 'a' }).subscribe()
  call()
  const got = 100
  if (after > 0) scheduler.schedule(call, got + after - 1)
  scheduler.schedule(call, got + after)
  scheduler.flush()
  expect(tokens()).toEqual([0, got + after])
})

test.each([{}, { expires_in: null }, { expires_in: 'soon' }, { expires_in: -1 }])(
  'a token with %o is kept',
  (lifetime) => {
    const { client, tokens, scheduler } = tokenService((index) => token(index, lifetime))
    for (const at of [0, 1_000, 1e9]) scheduler.schedule(() => client.run(getThing, { id: 'a' }).subscribe(), at)
    scheduler.flush()
    expect(tokens()).toEqual([0])
  },
)

test('a clock that is set back does not make a token live longer', () => {
  const scheduler = new SettableScheduler()
  let issued = 0
  const { transport, requests } = canned(scheduler, (request) =>
    isToken(request) ? token(issued++, { expires_in: 100 }) : fine,
  )
  const auth = clientCredentials({ clientId, clientSecret })
  const api = client({ baseUrl: 'https://api.example.com', loginUrl, auth, transport, scheduler })
  const call = (): void => void api.run(getThing, { id: 'a' }).subscribe()
  call()
  scheduler.schedule(() => {
    call()
    scheduler.setBy = -3_600_000
    call()
  }, 50_000)
  scheduler.schedule(call, 100_100)
  scheduler.flush()
  expect([issued, requests.length]).toEqual([2, 6])
})

test('no timer runs for the renewal', () => {
  const { client, outcome, scheduler } = tokenService()
  outcome(client.run(getThing, { id: 'a' }))
  expect(scheduler.actions).toHaveLength(0)
})

test('leaving the only call stops the token request, leaving one of two does not', () => {
  const { client, scheduler, tokens } = tokenService()
  const first = client.run(getThing, { id: 'a' }).subscribe()
  first.unsubscribe()
  expect(scheduler.actions).toHaveLength(0)
  const values: Array<unknown> = []
  const second = client.run(getThing, { id: 'a' }).subscribe()
  client.run(getThing, { id: 'a' }).subscribe((value) => values.push(value))
  second.unsubscribe()
  scheduler.flush()
  expect([tokens(), values]).toEqual([[0, 0], [{ id: 'a' }]])
})

test('tokens live in their client, not in the value that was configured', () => {
  const auth = clientCredentials({ clientId, clientSecret })
  const asked = [0, 1].map(() => {
    const { client, outcome, requests } = virtualClient((request) => (isToken(request) ? token(0) : fine), {
      loginUrl,
      auth,
    })
    outcome(client.run(getThing, { id: 'a' }))
    return requests.filter(({ request }) => isToken(request)).length
  })
  expect(asked).toEqual([1, 1])
})

test.each([
  [{ clientId: '', clientSecret }, /^clientId: /],
  [{ clientId, clientSecret: '' }, /^clientSecret: /],
  [{ clientId, clientSecret: `${clientSecret}\n` }, /^clientSecret: .*line end\?$/],
])('credentials that cannot stand in a header throw without being repeated', (credentials, words) => {
  expect(() => clientCredentials(credentials)).toThrow(words)
  expect(() => clientCredentials(credentials)).not.toThrow(/s3cr3t/)
})

test('the value and what is made of it show no secret', () => {
  const { client, outcome } = tokenService()
  outcome(client.run(getThing, { id: 'a' }))
  const shown = [clientCredentials({ clientId, clientSecret }), client].map((value) =>
    inspect(value, { depth: 10, showHidden: true }),
  )
  for (const secret of ['s3cr3t', basic, 'token-0']) expect(shown.join()).not.toContain(secret)
})
