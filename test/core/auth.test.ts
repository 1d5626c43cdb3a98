import fc from 'fast-check'
import { inspect } from 'node:util'
import { VirtualTimeScheduler } from 'rxjs'
import { expect, test } from 'vitest'
import { accessToken, type AuthContext, fixedHeader, secret } from '../../src/core/auth.ts'
import { outcomeNow } from './support/outcome.ts'

const context: AuthContext = {
  loginUrl: 'https://login.example.com',
  scheduler: new VirtualTimeScheduler(),
  send: () => {
    throw new Error('Nothing is to be sent.')
  },
}

function messageOf(value: string): string {
  try {
    secret('apiKey', value)
  } catch (thrown) {
    if (thrown instanceof TypeError) return thrown.message
  }
  throw new Error('It was accepted.')
}

test('a key is one header, and a secret', () => {
  const authorizer = fixedHeader('Key', 'apiKey', 'abc')(context)
  expect(outcomeNow(authorizer.headers())).toEqual({ values: [[['authorization', 'Key abc']]], completed: true })
  expect(authorizer.secrets()).toEqual(['abc'])
  expect(authorizer.refused).toBeUndefined()
  expect(outcomeNow(accessToken('t')(context).headers()).values).toEqual([[['authorization', 'Bearer t']]])
})

test.each(['', ' ', '\n'])('%j is no key', (value) => {
  expect(messageOf(value)).toBe('apiKey: is missing or empty')
  expect(() => accessToken(value)).toThrow(TypeError)
})

test('a key with its line end says where it came from', () => {
  expect(messageOf('verysecret\n')).toBe(
    'apiKey: has a blank, a line break or another character that no header can hold, at position 10 of 11; was it read from a file with its line end?',
  )
  expect(messageOf('very secret')).toMatch(/at position 4 of 11$/)
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
        secret('apiKey', value)
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
  for (const value of [auth, authorizer, authorizer.headers()]) {
    expect(inspect(value, { depth: 10, showHidden: true }) + JSON.stringify({ value })).not.toContain('S3CR3T')
  }
})
