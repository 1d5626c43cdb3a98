import fc from 'fast-check'
import { expect, test } from 'vitest'
import { causeOf } from '../../../src/core/errors/cause.ts'
import { servers } from '../support/server.ts'

const serve = servers()

const because = (message: string, cause: unknown): Error => new Error(message, { cause })

test.each([
  ['plain', 'plain'],
  ['', 'no reason given'],
  [undefined, 'no reason given'],
  [42, 'no reason given'],
  [{ message: 'of an object' }, 'of an object'],
  [because('fetch failed', because('connect', new Error('refused'))), 'fetch failed: connect: refused'],
  [because('failed: refused', new Error('refused')), 'failed: refused'],
  [new AggregateError([new Error('one'), new Error('two')], 'all failed'), 'all failed: one'],
])('%o', (thrown, message) => {
  expect(causeOf(thrown).message).toBe(message)
})

test('the code is the nearest one below', () => {
  expect(causeOf(because('a', because('b', Object.assign(new Error('c'), { code: 'EPIPE' })))).code).toBe('EPIPE')
  expect(causeOf(because('a', new Error('b')))).toEqual({ name: 'Error', message: 'a: b' })
  expect(causeOf(Object.assign(new Error('a'), { code: 7 }))).not.toHaveProperty('code')
})

test('a chain that bites its own tail ends', () => {
  const loop = new Error('loop')
  loop.cause = because('back', loop)
  expect(causeOf(loop).message).toMatch(/^loop: back/)
})

test('is the same for its own result, whatever was thrown', () => {
  fc.assert(
    fc.property(fc.anything(), (thrown) => {
      const cause = causeOf(thrown)
      expect(cause.message).not.toBe('')
      expect(causeOf(cause)).toEqual(cause)
    }),
    { numRuns: 1000 },
  )
})

test('finds the reason of a refused connection that native fetch hides', async () => {
  const { url, close } = await serve((_, response) => response.end())
  await close()
  const thrown: unknown = await fetch(url).catch((error: unknown) => error)
  expect(causeOf(thrown)).toMatchObject({ code: 'ECONNREFUSED' })
  expect(causeOf(thrown).message).toContain('ECONNREFUSED')
})
