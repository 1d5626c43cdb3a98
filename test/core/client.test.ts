import { inspect } from 'node:util'
import { BehaviorSubject, map, of } from 'rxjs'
import { expect, test } from 'vitest'
import { accessToken, type Auth } from '../../src/core/auth.ts'
import { client } from '../../src/core/client.ts'
import { HttpError } from '../../src/core/errors/index.ts'
import { Paced } from '../../src/core/paced.ts'
import type { Canned } from './support/canned.ts'
import { downloadThing, getThing, postThing, type Thing } from './support/things.ts'
import { virtualClient } from './support/virtual.ts'

const fine: Canned = { body: '{"id":"a"}' }
const failing =
  (...answers: ReadonlyArray<Canned>) =>
  (_: unknown, index: number): Canned =>
    answers[index] ?? fine
const down: Canned = { status: 503 }
const retry = { base: 100, random: () => 0.5 }

test('run gives the value, exchange what it came with too', () => {
  const { client: api, outcome } = virtualClient(() => ({ ...fine, status: 203, headers: [['x-id', '7']] }))
  expect(outcome(api.run(getThing, { id: 'a' }))).toEqual({ values: [{ id: 'a' }], completed: true })
  expect(outcome(api.exchange(getThing, { id: 'a' })).values).toEqual([
    { status: 203, headers: [['x-id', '7']], value: { id: 'a' } },
  ])
})

test('nothing is asked before a subscription, and once for each', () => {
  const { client: api, outcome, requests } = virtualClient(() => fine)
  const answer = api.run(getThing, { id: 'a b' })
  expect(requests).toHaveLength(0)
  outcome(answer)
  outcome(answer)
  expect(requests.map(({ request }) => [request.method, request.url])).toEqual([
    ['GET', 'https://api.example.com/v1/things/a%20b'],
    ['GET', 'https://api.example.com/v1/things/a%20b'],
  ])
})

test('what can never work throws at the call', () => {
  const { client: api } = virtualClient(() => fine)
  expect(() => api.run(getThing, { id: '..' })).toThrow(TypeError)
  expect(() => client({ baseUrl: 'api.example.com', auth: accessToken('t') })).toThrow(/^baseUrl: /)
  const loginUrl = 'http://login.example.com'
  expect(() => client({ baseUrl: 'https://api.example.com', loginUrl, auth: accessToken('t') })).toThrow(/^loginUrl: /)
})

test('leaving stops everything, in a wait and in an answer', () => {
  const { client: api, scheduler } = virtualClient(failing(down, { after: 10_000 }), { retry })
  const first = api.run(getThing, { id: 'a' }).subscribe()
  expect(scheduler.actions).not.toHaveLength(0)
  first.unsubscribe()
  expect(scheduler.actions).toHaveLength(0)
  const second = api.run(getThing, { id: 'a' }).subscribe()
  expect(scheduler.actions).not.toHaveLength(0)
  second.unsubscribe()
  expect(scheduler.actions).toHaveLength(0)
})

test('after the end no timer is left', () => {
  const { client: api, scheduler, outcome } = virtualClient(failing(down))
  outcome(api.run(getThing, { id: 'a' }))
  expect(scheduler.actions).toHaveLength(0)
})

test('what it gives can be paced, and hands the pace on for streams alone', () => {
  const { client: api, requests, scheduler } = virtualClient(() => ({ after: 1 }))
  const ready = new BehaviorSubject(false)
  for (const answer of [api.run(downloadThing, { id: 'a' }), api.run(getThing, { id: 'a' })]) {
    if (!(answer instanceof Paced)) throw new Error('It cannot be paced.')
    answer.pipe(map((value: unknown) => value))
    answer.at(ready).subscribe({ error: () => undefined })
  }
  expect(requests.map(({ request }) => request.ready)).toEqual([ready, undefined])
  scheduler.flush()
})

test('an Auth whose headers go on changing sends a call once, with those of now', () => {
  const tokens = new BehaviorSubject('first')
  const auth: Auth = () => ({
    headers: () => tokens.pipe(map((token) => [['authorization', `Bearer ${token}`]])),
    secrets: () => [tokens.value],
  })
  const { client: api, outcome, requests } = virtualClient(() => ({ ...fine, after: 10 }), { auth })
  const source = api.run(postThing, { id: 'a' })
  const values: Array<Thing> = []
  source.subscribe((value) => values.push(value))
  tokens.next('second')
  expect(outcome(source)).toMatchObject({ completed: true })
  expect(requests.map(({ request }) => request.headers.find(([name]) => name === 'authorization')?.[1])).toEqual([
    'Bearer first',
    'Bearer second',
  ])
})

test('an Auth that has no headers to give fails the call as it says', () => {
  const failure = new HttpError({ method: 'POST', path: '/token', status: 400 })
  const auth: Auth = () => ({
    headers: () =>
      of(0).pipe(
        map(() => {
          throw failure
        }),
      ),
    secrets: () => [],
  })
  const { client: api, outcome, requests } = virtualClient(() => fine, { auth })
  expect(outcome(api.run(getThing, { id: 'a' })).error).toBe(failure)
  expect(requests).toHaveLength(0)
})

test('shows nothing of what it holds', () => {
  const { client: api } = virtualClient(() => fine)
  expect(inspect(api, { depth: 10, showHidden: true }) + JSON.stringify(api)).not.toContain('a-token')
})
