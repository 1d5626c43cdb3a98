import { expect, test } from 'vitest'
import { RequestError, tagOf } from '../../../src/core/errors/request-error.ts'

class Refusal extends RequestError {
  readonly _tag: string
  readonly extra = { deep: [1] }

  constructor(tag: string) {
    super({ method: 'PUT', path: '/a' }, 'refused')
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

test('the brand is in every error and in no list of its keys', () => {
  const error = new Refusal('Refusal')
  expect(tagOf(error)).toBe('Refusal')
  expect(tagOf(Object.assign({}, error))).toBeUndefined()
  expect(tagOf(structuredClone(error))).toBeUndefined()
})
