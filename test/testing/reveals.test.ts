import { HttpError } from 'rxjobs'
import { expect, test } from 'vitest'
import { reveals } from '../../src/testing/reveals.ts'

const secret = 'a-long-secret'
const hidden = Object.defineProperty({}, 'hidden', { value: secret, enumerable: false })
const round: { self?: unknown; text: string } = { text: secret }
round.self = round
const ring: Array<unknown> = []
ring.push(ring)

test.each<[where: string, value: unknown]>([
  ['in a text', `Bearer ${secret}`],
  ['in a field', { deep: [{ key: secret }] }],
  ['in the name of a field', { [secret]: 1 }],
  ['under a symbol', { [Symbol('key')]: secret }],
  ['where it is hidden from JSON', hidden],
  ['only in JSON', { toJSON: () => secret }],
  ['in a round', round],
  ['in a Map', new Map([['key', { secret }]])],
  ['in a Set', new Set([secret])],
  ["in an error's words", new Error(secret)],
  ["in an error's cause", new Error('x', { cause: { secret } })],
  ['in an ApiError', new HttpError({ method: 'GET', path: '/', status: 400, body: { secret } })],
  ['in a property of a function', Object.assign(() => 0, { secret })],
])('it is found %s', (_, value) => expect(reveals([value], ['another-secret', secret])).toEqual([secret]))

test.each<[what: string, value: unknown]>([
  ['nothing', undefined],
  ['a round without it', ring],
  ['what a function knows', () => secret],
  ['bytes', new TextEncoder().encode(secret)],
  ['a part of it', secret.slice(1)],
])('it is not found in %s', (_, value) => expect(reveals(value, [secret])).toEqual([]))
