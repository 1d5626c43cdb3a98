import { inspect } from 'node:util'
import fc from 'fast-check'
import { BehaviorSubject, defer, EMPTY, map, of, Subscription, throwError, VirtualTimeScheduler } from 'rxjs'
import { expect, test } from 'vitest'
import {
  type Auth,
  type AuthContext,
  type Authorizer,
  accessToken,
  apiKeyAuth,
  HttpError,
  NetworkError,
  header,
  subscribeInto,
} from '../../src/core/index.ts'
import type { Canned } from './support/canned.ts'
import { exposed } from './support/exposed.ts'
import { getThing, postThing } from './support/things.ts'
import { type VirtualClient, virtualClient } from './support/virtual.ts'

const context: AuthContext = {
  loginUrl: 'https://login.example.com',
  scheduler: new VirtualTimeScheduler(),
  send: () => {
    throw new Error('Nothing is to be sent.')
  },
}

function messageOf(value: string): string {
  try {
    apiKeyAuth('Key', 'apiKey', value)
  } catch (thrown) {
    if (thrown instanceof TypeError) return thrown.message
  }
  throw new Error('It was accepted.')
}

test('a key is one header, and a secret', () => {
  const authorizer = apiKeyAuth('Key', 'apiKey', 'abc')(context)
  expect(authorizer.headers()).toEqual([['authorization', 'Key abc']])
  expect(authorizer.secrets()).toEqual(['abc'])
  expect(authorizer.onUnauthorized).toBeUndefined()
  expect(accessToken('t')(context).headers()).toEqual([['authorization', 'Bearer t']])
})

test.each(['', ' ', '\n'])('%j is no key', (value) => {
  expect(messageOf(value)).toBe('apiKey: is missing or empty')
  expect(() => accessToken(value)).toThrow(TypeError)
})

test('a key with its line end says where it came from', () => {
  expect(messageOf('verysecret\n')).toBe(
    'apiKey: has a character that no header can hold, at position 10 of 11; was it read with its line end?',
  )
  const alone = 'apiKey: has a space in it; give it alone, without a word such as Key or Bearer before it'
  expect(['Key verysecret', ' a b\n'].map(messageOf)).toEqual([alone, alone])
  expect(messageOf(' verysecret')).toMatch(/at position 0 of 11$/)
})

test('whatever no header can hold is refused without being repeated', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\n', '\r', ' ', '\t', '\u0000', '\u007f', 'ü', '😀'),
      fc.string({ unit: 'binary' }),
      (before, bad, after) => {
        const message = messageOf(`0xS3CR3T${before}${bad}${after}0xS3CR3T`)
        expect(message).toMatch(/^apiKey: /)
        expect(message).not.toContain('0xS3CR3T')
      },
    ),
    { numRuns: 500 },
  )
})

test('whatever is accepted can stand in a header', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), (value) => {
      let accepted = true
      try {
        apiKeyAuth('Key', 'apiKey', value)
      } catch {
        accepted = false
      }
      if (accepted) expect(new Headers([['authorization', `Key ${value}`]]).get('authorization')).toBe(`Key ${value}`)
      expect(accepted).toBe(/^[!-~]+$/.test(value))
    }),
    { numRuns: 1000 },
  )
})

test('neither the value nor what it authorizes with shows the key', () => {
  const auth = accessToken('0xS3CR3T')
  const authorizer = auth(context)
  for (const value of [auth, authorizer]) {
    expect(inspect(value, { depth: 10, showHidden: true }) + JSON.stringify({ value })).not.toContain('S3CR3T')
  }
})

// ---- an Auth of somebody else

const key = (value: string): ReadonlyArray<readonly [string, string]> => [['authorization', value]]
const authOf =
  (own: Partial<Authorizer>): Auth =>
  () => ({ headers: () => of(key('Key k3y-of-auth')), secrets: () => ['k3y-of-auth'], ...own })
const sentWith = ({ requests }: VirtualClient): ReadonlyArray<string | undefined> =>
  requests.map(({ request }) => header(request.headers, 'authorization'))
const fine: Canned = { body: '{"id":"a"}' }
const denied: Canned = { status: 401 }

test('a request is sent with the first headers of an Auth, and later ones are for later requests', () => {
  const tokens = new BehaviorSubject('first')
  const auth = authOf({ headers: () => tokens.pipe(map((token) => key(token))) })
  const virtual = virtualClient(() => ({ ...fine, after: 10 }), { auth })
  const source = virtual.client.run(getThing, { id: 'a' })
  source.subscribe()
  tokens.next('second')
  expect(virtual.outcome(source)).toMatchObject({ completed: true })
  expect([sentWith(virtual), tokens.observed]).toEqual([['first', 'second'], false])
})

test('an Auth may set several headers, at once', () => {
  const two = [
    ['authorization', 'Bearer jwt'],
    ['X-Token-Type', 'KEYPAIR_JWT'],
  ] as const
  const virtual = virtualClient(() => fine, { auth: authOf({ headers: () => two }) })
  virtual.outcome(virtual.client.run(getThing, { id: 'a' }))
  expect(virtual.requests[0]?.request.headers).toEqual(expect.arrayContaining([...two]))
})

test.each<[string, Authorizer['headers'], string]>([
  ['gives none', () => EMPTY, 'auth failed: it gave no headers'],
  ['fails', () => throwError(() => new Error('k3y-of-auth expired')), 'auth failed: [secret] expired'],
  [
    'throws',
    () => {
      throw new Error('a bug')
    },
    'auth failed: a bug',
  ],
])('an Auth that %s makes a NetworkError, and nothing is sent', (_, headers, message) => {
  const virtual = virtualClient(() => fine, { auth: authOf({ headers }), retry: false })
  expect(virtual.outcome(virtual.client.run(getThing, { id: 'a' })).error).toMatchObject({
    ...{ _tag: 'NetworkError', path: '/v1/things/a', cause: { message } },
  })
  expect(virtual.requests).toEqual([])
})

test('what a function of an Auth throws is not tried again, whatever its text; a RequestError is', () => {
  let asked = 0
  const throwing =
    (error: Error): Authorizer['headers'] =>
    () => {
      asked++
      throw error
    }
  const outcomes = [
    new Error('connect ECONNREFUSED'),
    new NetworkError({ method: 'POST', path: '/token', cause: 'reset' }),
  ]
  const counts = outcomes.map((error) => {
    asked = 0
    const virtual = virtualClient(() => fine, { auth: authOf({ headers: throwing(error) }) })
    expect(virtual.outcome(virtual.client.run(getThing, { id: 'a' })).error).toMatchObject({ _tag: 'NetworkError' })
    return asked
  })
  expect(counts).toEqual([1, 20])
})

test('a RequestError of an Auth stays as it is', () => {
  const failure = new HttpError({ method: 'POST', path: '/token', status: 400 })
  const virtual = virtualClient(() => fine, { auth: authOf({ headers: () => throwError(() => failure) }) })
  expect(virtual.outcome(virtual.client.run(getThing, { id: 'a' })).error).toBe(failure)
})

test('after a 401 a request is sent again once, where the Auth has new headers, and never a POST', () => {
  const told: Array<unknown> = []
  const renewing = authOf({
    onUnauthorized: (headers) => {
      told.push(headers)
      return true
    },
  })
  const virtual = virtualClient(() => denied, { auth: renewing })
  expect(virtual.outcome(virtual.client.run(getThing, { id: 'a' })).error).toMatchObject({ status: 401 })
  expect([virtual.requests.length, told.length]).toEqual([2, 2])
  expect(virtual.outcome(virtual.client.run(postThing, { id: 'a' })).error).toMatchObject({ status: 401 })
  expect([virtual.requests.length, told.length]).toEqual([3, 3])
  for (const auth of [authOf({}), authOf({ onUnauthorized: () => false })]) {
    const fixed = virtualClient(() => denied, { auth })
    expect(fixed.outcome(fixed.client.run(getThing, { id: 'a' })).error).toMatchObject({ status: 401 })
    expect(fixed.requests).toHaveLength(1)
  }
})

test('an Auth that throws at a 401 ends the call with an error', () => {
  const onUnauthorized = (): never => {
    throw new Error('k3y-of-auth is lost')
  }
  const virtual = virtualClient(() => denied, { auth: authOf({ onUnauthorized }), retry: false })
  expect(virtual.outcome(virtual.client.run(getThing, { id: 'a' })).error).toMatchObject({
    ...{ _tag: 'NetworkError', cause: { message: 'auth failed: [secret] is lost' } },
  })
})

test('where an Auth cannot tell its secrets no text of the service is shown', () => {
  const secrets = (): never => {
    throw new Error('a bug')
  }
  const virtual = virtualClient(() => ({ status: 500, body: 'k3y-of-auth' }), {
    auth: authOf({ secrets }),
    retry: false,
  })
  const { error } = virtual.outcome(virtual.client.run(getThing, { id: 'a' }))
  expect(error).toMatchObject({ _tag: 'HttpError', status: 500 })
  expect(exposed(error, ['k3y-of-auth'])).toEqual([])
})

test('a call that is unsubscribed from while its auth is asked sends nothing and leaves no timer', () => {
  for (const later of [false, true]) {
    const subscription = new Subscription()
    const headers = (): ReturnType<Authorizer['headers']> => {
      if (later) return defer(() => (subscription.unsubscribe(), of([])))
      subscription.unsubscribe()
      return []
    }
    const virtual = virtualClient(() => fine, { auth: authOf({ headers }) })
    subscribeInto(subscription, virtual.client.run(getThing, { id: 'a' }), {})
    virtual.scheduler.flush()
    expect([virtual.requests.length, virtual.scheduler.now(), virtual.scheduler.actions.length]).toEqual([0, 0, 0])
  }
})
