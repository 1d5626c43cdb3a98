import { expect, test, vi } from 'vitest'
import * as errors from '../../../src/core/errors/index.ts'
import { loadInOtherRealm } from '../support/other-realm.ts'
import { asked, samples } from '../support/samples.ts'

const guards = {
  HttpError: errors.isHttpError,
  NetworkError: errors.isNetworkError,
  TimeoutError: errors.isTimeoutError,
  DecodeError: errors.isDecodeError,
  AuthError: errors.isAuthError,
  LogGapError: errors.isLogGapError,
  DeadlineError: errors.isDeadlineError,
} as const

/** The names of the guards that take a value for theirs. */
const takenBy = (value: unknown): ReadonlyArray<string> =>
  Object.entries(guards).flatMap(([name, guard]) => (guard(value) ? [name] : []))

test('there is a sample of every class', () => {
  expect(samples.map(({ _tag }) => _tag).sort()).toEqual(Object.keys(guards).sort())
})

test.each(samples)(
  '$_tag is an Error with its tag as its name, says what was asked, and its guard alone takes it',
  (error) => {
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe(error._tag)
    expect(error.message).toMatch(/^GET \/jobs\/7 at https:\/\/host: \S/)
    expect(String(error)).toBe(`${error._tag}: ${error.message}`)
    expect(error).toMatchObject(asked)
    expect(takenBy(error)).toEqual([error._tag])
    expect(errors.isApiError(error)).toBe(true)
  },
)

test.each(samples)('the JSON of $_tag says all that it has, but for a job', (error) => {
  const { stack, last, ...own } = Object.fromEntries(
    Object.getOwnPropertyNames(error).map((name) => [name, Reflect.get(error, name)]),
  )
  expect(stack).toContain(error.message)
  expect(last === undefined).toBe(error._tag !== 'DeadlineError')
  expect(JSON.parse(JSON.stringify(error))).toEqual(own)
  expect(own).toMatchObject({ ...asked, _tag: error._tag, name: error._tag, message: error.message })
  expect(Object.keys(own).length).toBeGreaterThan(6)
})

test('an error from a second copy of the package is one of ours', async () => {
  vi.resetModules()
  const copy = await import('../../../src/core/errors/index.ts')
  const foreign = new copy.HttpError({ ...asked, status: 500 })
  expect(foreign).not.toBeInstanceOf(errors.HttpError)
  expect(takenBy(foreign)).toEqual(['HttpError'])
  expect(copy.isApiError(samples[0])).toBe(true)
})

test.each([
  ['HttpError', { status: 500 }],
  ['NetworkError', { cause: 'gone' }],
  ['TimeoutError', { after: 5, waitingFor: 'body' }],
  ['DecodeError', { issues: [] }],
  ['AuthError', { status: 401 }],
  ['LogGapError', { gap: {}, reason: 'x' }],
  ['DeadlineError', { deadline: 5 }],
])('a %s from another realm is one of ours', (name, init) => {
  const realm = loadInOtherRealm(new URL('../../../src/core/errors/index.ts', import.meta.url))
  const make = realm[name]
  if (typeof make !== 'function') throw new Error(`${name} is no class`)
  const foreign: unknown = Reflect.construct(make, [{ ...asked, ...init }])
  expect(foreign).not.toBeInstanceOf(Error)
  expect(takenBy(foreign)).toEqual([name])
  expect(errors.isApiError(foreign)).toBe(true)
})

test.each([
  undefined,
  null,
  'HttpError',
  { _tag: 'HttpError' },
  new Error('HttpError'),
  Object.assign(new Error(), { _tag: 'HttpError' }),
])('%o is none of ours', (value) => {
  expect(takenBy(value)).toEqual([])
  expect(errors.isApiError(value)).toBe(false)
})
