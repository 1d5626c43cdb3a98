import { expect, test } from 'vitest'
import { NetworkError } from '../../../src/core/errors/network-error.ts'
import { RequestError, tagOf } from '../../../src/core/errors/request-error.ts'

class Refusal extends RequestError {
  readonly _tag: string
  readonly extra = { deep: [1] }

  constructor(tag: string, what = 'refused', advice?: string, origin?: string) {
    super({ method: 'PUT', path: '/a', origin }, what, advice)
    this._tag = tag
  }
}

test('its JSON has the fields of a subclass and its message, and leaves out what is not there', () => {
  expect(JSON.parse(JSON.stringify(new Refusal('Refusal')))).toEqual({
    _tag: 'Refusal',
    method: 'PUT',
    path: '/a',
    extra: { deep: [1] },
    message: 'PUT /a: refused',
  })
})

test('which service it was is in its words and a field, where a request was made', () => {
  const error = new Refusal('Refusal', 'refused', '', 'https://host:8443')
  expect([error.message, error.origin]).toEqual(['PUT /a at https://host:8443: refused', 'https://host:8443'])
  expect(error.toJSON()).toMatchObject({ origin: 'https://host:8443' })
})

test('the brand is in every error and in no list of its keys', () => {
  const error = new Refusal('Refusal')
  expect(tagOf(error)).toBe('Refusal')
  expect(tagOf(Object.assign({}, error))).toBeUndefined()
  expect(tagOf(structuredClone(error))).toBeUndefined()
})

test('a message is one line that no terminal takes for anything else, however long the words of the service', () => {
  const forged = 'no\r\n2026 INFO all is well \u001b[2J\u0007\u009b31m\u2028\u202egnp.exe\u2066\u0000'
  expect(new Refusal('Refusal', forged).message).toBe('PUT /a: no 2026 INFO all is well  [2J 31m gnp.exe ')
  expect(new Refusal('Refusal', 'x'.repeat(301), ' (why?)').message).toBe(`PUT /a: ${'x'.repeat(300)}… (why?)`)
  expect(new Refusal('Refusal', `${'x'.repeat(299)}😀`).message).toBe(`PUT /a: ${'x'.repeat(299)}…`)
  expect(new Refusal('Refusal', 'é 😀 \u00ad').message).toBe('PUT /a: é 😀 \u00ad')
})

test('neither do a job that names itself so, nor what was seen of it', () => {
  const trail = { 'history with several: a\n2026 INFO all is well\u001b[2J': 2, ['x'.repeat(301)]: 1 }
  const error = new NetworkError({ method: 'GET', path: 'job\r\n2026 INFO', cause: 'gone', trail })
  const long = `${'x'.repeat(300)}…`
  expect(error.message).toBe(
    `GET job 2026 INFO: gone (after 2 × history with several: a 2026 INFO all is well [2J, 1 × ${long})`,
  )
  expect(error).toMatchObject({ path: 'job\r\n2026 INFO', trail })
})
