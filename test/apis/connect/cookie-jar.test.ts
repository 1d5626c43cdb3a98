import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CookieJar } from '../../../src/apis/connect/cookie-jar.ts'

const server = 'https://host.example.com/rsc'
const api = `${server}/__api__/v1`

/** A jar that was given those cookies in the answer to a deploy, and the clock that it reads. */
function jarWith(...cookies: ReadonlyArray<string>): { jar: CookieJar; clock: { now: number } } {
  const clock = { now: 1_000 }
  const jar = new CookieJar(server, () => clock.now)
  const headers = cookies.map((value) => ['Set-Cookie', value] as const)
  jar.keep(`${api}/content/g/deploy`, headers)
  return { jar, clock }
}

test('what the server sets is sent to it again, the longer path first', () => {
  const { jar } = jarWith('a=1; Path=/', 'b=2; Path=/rsc/__api__', 'c=3; Path=/rsc/')
  expect(jar.headerFor(`${api}/tasks/t?wait=5`)).toBe('b=2; c=3; a=1')
  expect(jar.headerFor(`${server}/content/g/`)).toBe('c=3; a=1')
  expect(jar.headerFor(server)).toBe('a=1')
})

test('the newest of a name and path counts; one that is over is gone', () => {
  const { jar, clock } = jarWith('a=1; Path=/', 'a=2; Path=/', 'b=1; Path=/; Max-Age=2')
  expect(jar.headerFor(api)).toBe('a=2; b=1')
  clock.now += 2_000
  expect(jar.headerFor(api)).toBe('a=2')
  jar.keep(api, [['set-cookie', 'a=; Path=/; Max-Age=0']])
  expect(jar.headerFor(api)).toBeUndefined()
})

test('a cookie without a path is for the folder of what was asked', () => {
  const { jar } = jarWith('a=1')
  expect(jar.headerFor(`${api}/content/g/jobs`)).toBe('a=1')
  expect(jar.headerFor(`${api}/content/g`)).toBe('a=1')
  expect(jar.headerFor(`${api}/content/good`)).toBeUndefined()
  expect(jar.headerFor(`${api}/tasks/t`)).toBeUndefined()
})

test.each([
  ['host.example.com', true],
  ['example.com', true],
  ['EXAMPLE.com', true],
  ['ample.com', false],
  ['other.example.com', false],
])('for the domain %s: %s', (domain, taken) => {
  expect(jarWith(`a=1; Path=/; Domain=${domain}`).jar.headerFor(api)).toBe(taken ? 'a=1' : undefined)
})

test('a secure one does not go over plain http', () => {
  const jar = new CookieJar('http://localhost:3939', () => 0)
  jar.keep('http://localhost:3939/a', [['set-cookie', 'a=1; Path=/; Secure']])
  expect(jar.headerFor('http://localhost:3939/')).toBeUndefined()
})

describe('the server alone', () => {
  const elsewhere = fc.constantFrom(
    'http://host.example.com/rsc/__api__/v1',
    'https://host.example.com:8443/rsc/__api__/v1',
    'https://other.example.com/rsc/__api__/v1',
    'https://example.com/rsc',
    'https://host.example.com/',
    'https://host.example.com/rscx',
    'https://host.example.com/rsc%2f',
    'https://host.example.com/rsc/../other',
  )

  test('nothing is sent elsewhere, whatever was set', () => {
    const cookie = fc.constantFrom('a=1', 'a=1; Path=/', 'a=1; Path=/; Domain=example.com', 'b=2; Path=/; Max-Age=99')
    fc.assert(
      fc.property(fc.array(cookie), elsewhere, (cookies, url) => {
        expect(jarWith(...cookies).jar.headerFor(url)).toBeUndefined()
      }),
    )
  })

  test('nothing is taken from elsewhere', () => {
    fc.assert(
      fc.property(elsewhere, (url) => {
        const { jar } = jarWith()
        jar.keep(url, [['set-cookie', 'a=1; Path=/']])
        expect(jar.values).toEqual([])
      }),
    )
  })
})

test('a server cannot fill the memory', () => {
  const { jar } = jarWith(...Array.from({ length: 1_000 }, (_, index) => `c${index}=${index}; Path=/`))
  const sent = jar.headerFor(api)?.split('; ') ?? []
  expect([sent.length, sent.at(-1)]).toEqual([50, 'c999=999'])
  for (let round = 0; round < 100; round++) jar.keep(api, [['set-cookie', `c999=${round}; Path=/`]])
  expect(jar.values.length).toBeLessThan(100)
})

test('a server cannot make requests larger than servers take', () => {
  const { jar } = jarWith(...Array.from({ length: 20 }, (_, index) => `c${index}=${'x'.repeat(4_000)}; Path=/`))
  expect(jar.headerFor(api)?.match(/c\d+(?==)/g)).toEqual(['c16', 'c17', 'c18', 'c19'])
})

test('what a cookie held stays a secret for a while after another took its place', () => {
  const { jar } = jarWith('a=old; Path=/', 'b=same; Path=/')
  jar.keep(api, [['set-cookie', 'a=new; Path=/']])
  jar.keep(api, [['set-cookie', 'b=; Path=/; Max-Age=0']])
  expect([...jar.values].sort()).toEqual(['new', 'old', 'same'])
})
