import { of } from 'rxjs'
import { expect, test } from 'vitest'
import { cleaner } from '../../src/core/cleaner.ts'

const headers = () => of([])

test('takes out what the authorizer tells by then, and what was sent', () => {
  const secrets = ['first']
  const clean = cleaner({ headers, secrets: () => secrets }, [['authorization', 'Key sent-before']])
  secrets.push('second')
  expect(clean('first, second and sent-before')).toBe('[secret], [secret] and [secret]')
})

test('of an authorizer that cannot tell its secrets no text comes through', () => {
  const secrets = (): never => {
    throw new Error('no secrets')
  }
  expect(cleaner({ headers, secrets }, [])('anything')).toBe('[secret]')
})
