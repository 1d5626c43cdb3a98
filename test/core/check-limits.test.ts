import { NEVER } from 'rxjs'
import { accessToken, type CallOptions, client, type ClientOptions, type ConnectionOptions } from 'rxjobs'
import { expect, test } from 'vitest'
import { checkClientOptions, checkLimits } from '../../src/core/check-limits.ts'
import { refusal } from '../apis/support.ts'
import { getThing } from './support/things.ts'

const well: ClientOptions = { baseUrl: 'https://ci.example.com', auth: accessToken('t'), transport: () => NEVER }

test.each<[Record<string, unknown>, words: string]>([
  [{ timeout: 0 }, 'timeout must be a positive number of milliseconds, was 0'],
  [{ timeout: '5s' }, 'timeout must be a positive number of milliseconds, was "5s"'],
  [{ timeout: Number.NaN }, 'timeout must be a positive number of milliseconds, was NaN'],
  [{ idleTimeout: -1 }, 'idleTimeout must be a positive number of milliseconds, was -1'],
  [{ retry: 5 }, 'retry must be a boolean or an object, was 5'],
  [{ retry: { attempts: 0 } }, 'retry.attempts must be a number from 1 up, was 0'],
  [{ retry: { base: -1 } }, 'retry.base must be a number of milliseconds from 0 up, was -1'],
  [{ retry: { random: 0.5 } }, 'retry.random must be a function, was 0.5'],
])('%o is refused by a client and by a call, before anything is sent', (given, words) => {
  const options: CallOptions & ConnectionOptions = given
  expect(refusal(() => checkLimits(options))).toBe(words)
  expect(refusal(() => client({ ...well, ...options }))).toBe(words)
  expect(refusal(() => client(well).run(getThing, { id: '7' }, options))).toBe(words)
})

test.each<[Record<string, unknown>, words: RegExp]>([
  [{ maxBodyBytes: 0 }, /^maxBodyBytes must be a positive number of bytes, was 0$/],
  [{ maxLineBytes: -5 }, /^maxLineBytes must be a positive number of bytes, was -5$/],
  [{ fetch: 'node-fetch' }, /^fetch must be a function/],
  [{ transport: {} }, /^transport must be a function/],
  [{ scheduler: {} }, /^scheduler must be a scheduler of rxjs/],
  [{ auth: undefined }, /^auth must be what accessToken/],
  [{ auth: 'a-secret-key' }, /^auth must be what accessToken\(…\), clientCredentials\(…\) or fixedHeader\(…\) gives$/],
])('a client refuses %o', (given, words) => {
  const options: ClientOptions = { ...well, ...given }
  expect(refusal(() => checkClientOptions(options))).toMatch(words)
  expect(refusal(() => client(options))).toMatch(words)
})

test('all that is allowed is taken', () => {
  const retry = { attempts: 1, base: 0, cap: 0, maxRetryAfter: 0, random: () => 0 }
  for (const options of [well, { ...well, timeout: Number.POSITIVE_INFINITY, retry: false }, { ...well, retry }]) {
    expect(() => checkClientOptions(options)).not.toThrow()
  }
})
