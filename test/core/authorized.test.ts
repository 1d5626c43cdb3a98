import { BehaviorSubject, EMPTY, type Observable, of, throwError } from 'rxjs'
import { expect, test } from 'vitest'
import type { Authorizer } from '../../src/core/auth.ts'
import { authorized } from '../../src/core/authorized.ts'
import { HttpError, TimeoutError } from '../../src/core/errors/index.ts'
import type { Headers } from '../../src/core/transport.ts'
import { outcomeNow } from './support/outcome.ts'
import { getThing } from './support/things.ts'
import { virtualClient } from './support/virtual.ts'

const asked = { method: 'GET', path: '/a' }
const key = (value: string): Headers => [['authorization', value]]
const refusal = new HttpError({ ...asked, status: 401 })

/** What comes of an authorizer, and with which headers was sent. */
function run(auth: Partial<Authorizer>, answer: () => Observable<string>, method = 'GET') {
  const sent: Array<Headers> = []
  const authorizer: Authorizer = { headers: () => of(key('Key k3y')), secrets: () => ['k3y-of-auth'], ...auth }
  const outcome = outcomeNow(
    authorized(authorizer, { ...asked, method }, (headers) => {
      sent.push(headers)
      return answer()
    }),
  )
  return { ...outcome, sent }
}

test('sends with the headers that there are now, and takes no others later', () => {
  const headers = new BehaviorSubject(key('one'))
  const { values, completed, sent } = run({ headers: () => headers }, () => of('fine'))
  headers.next(key('two'))
  expect([values, completed, sent, headers.observed]).toEqual([['fine'], true, [key('one')], false])
})

test.each<[string, () => Observable<Headers>, string]>([
  ['gives none', () => EMPTY, 'auth failed: it gave no headers'],
  ['fails', () => throwError(() => new Error('k3y-of-auth expired')), 'auth failed: [secret] expired'],
  [
    'throws',
    () => {
      throw new Error('a bug')
    },
    'auth failed: a bug',
  ],
])('an auth that %s is a NetworkError, and nothing is sent', (_, headers, message) => {
  const { error, sent } = run({ headers }, () => of('fine'))
  expect([error, sent]).toMatchObject([{ _tag: 'NetworkError', ...asked, cause: { message } }, []])
})

test('an ApiError of an auth stays as it is', () => {
  const ours = new TimeoutError({ method: 'POST', path: '/oauth/token', after: 1, waitingFor: 'answer' })
  expect(run({ headers: () => throwError(() => ours) }, () => of('fine')).error).toBe(ours)
})

test('a 401 is answered with new headers as often as the authorizer has any, and never for what may not arrive twice', () => {
  const times: Array<number> = []
  const refused = (_: Headers, time: number): boolean => {
    times.push(time)
    return time < 3
  }
  const failing = (): Observable<string> => throwError(() => refusal)
  expect(run({ refused }, failing)).toMatchObject({ error: refusal, sent: { length: 3 } })
  expect(times).toEqual([1, 2, 3])
  expect(run({ refused }, failing, 'POST').sent).toHaveLength(1)
  expect(run({}, failing).sent).toHaveLength(1)
})

test('an authorizer that fails at a refusal ends the call with an error, and not in silence', () => {
  const refused = (): never => {
    throw new Error('k3y-of-auth is lost')
  }
  const { error, sent } = run({ refused }, () => throwError(() => refusal))
  expect([error, sent]).toMatchObject([
    { _tag: 'NetworkError', cause: { message: 'auth failed: [secret] is lost' } },
    { length: 1 },
  ])
})

test('an authorizer that cannot tell its secrets ends a call with an error all the same', () => {
  const auth = () => ({
    headers: () => of(key('Key k3y')),
    secrets: (): never => {
      throw new Error('no secrets')
    },
  })
  const errors = [{ status: 500, body: '{"error":"k3y"}' }, { body: 'k3y' }, { failure: new Error('k3y') }].map(
    (answer) => {
      const { client, outcome } = virtualClient(() => answer, { auth, retry: false })
      return outcome(client.run(getThing, { id: 'a' })).error
    },
  )
  expect(errors).toMatchObject([{ _tag: 'HttpError' }, { _tag: 'DecodeError' }, { _tag: 'NetworkError' }])
  expect(JSON.stringify(errors)).not.toContain('k3y')
})
