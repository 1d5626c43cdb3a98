import fc from 'fast-check'
import { expect, test } from 'vitest'
import { baseUrl } from '../../src/core/base-url.ts'

const messageOf = (url: string, allowHttp?: boolean): string => {
  try {
    baseUrl('server', url, allowHttp)
  } catch (thrown) {
    if (thrown instanceof TypeError) return thrown.message
  }
  throw new Error('It was accepted.')
}

test.each([
  ['https://connect.example.com', 'https://connect.example.com'],
  ['https://connect.example.com/', 'https://connect.example.com'],
  ['HTTPS://Connect.Example.com:443/rsc//', 'https://connect.example.com/rsc'],
  ['https://connect.example.com:8443/a/../b', 'https://connect.example.com:8443/b'],
  ['http://localhost:3939', 'http://localhost:3939'],
  ['http://app.localhost', 'http://app.localhost'],
  ['http://127.8.9.10/x', 'http://127.8.9.10/x'],
  ['http://[::1]:80', 'http://[::1]'],
])('%s', (url, base) => {
  expect(baseUrl('server', url)).toBe(base)
  expect(baseUrl('server', base)).toBe(base)
})

test.each([
  ['', 'is missing'],
  ['connect.example.com', 'must begin with https://'],
  ['ftp://connect.example.com', 'must begin with https://'],
  ['https://', 'is not a valid URL'],
  ['https://a b', 'a blank, a line break'],
  [' https://connect.example.com', 'a blank, a line break'],
  ['https://h\n.evil.com', 'a blank, a line break'],
  ['https://h\t.evil.com', 'a blank, a line break'],
  ['https://connect.example.com\r', 'a blank, a line break'],
  ['https://user:word@connect.example.com', 'user name or password'],
  ['https://connect.example.com?x=1', 'query'],
  ['https://connect.example.com#x', 'fragment'],
])('%j is refused', (url, words) => {
  expect(messageOf(url)).toContain(words)
  expect(messageOf(url)).toMatch(/^server: /)
})

test.each([
  'connect.example.com',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  '10.0.0.1',
  '[::2]',
  'xlocalhost',
])('plain http to %s needs to be allowed', (host) => {
  expect(messageOf(`http://${host}`)).toContain('allowHttp')
  expect(baseUrl('server', `http://${host}`, true)).toBe(`http://${host}`)
  expect(baseUrl('server', `https://${host}`)).toBe(`https://${host}`)
})

test('what stands in the wrong option may be a key: the error does not repeat it', () => {
  for (const url of [
    's3cr3tS3cr3tS3cr3t',
    's3cr3t.s3cr3t.s3cr3t',
    'http://s3cr3ts3cr3t',
    'admin:s3cr3tS3cr3tS3cr3t@host',
    'https://admin:s3cr3tS3cr3tS3cr3t@host',
    'https://s3cr3tS3cr3tS3cr3t host',
  ]) {
    expect(messageOf(url)).not.toContain('s3cr3t')
  }
})

test('whatever is accepted is an origin and a path, and stays as it is', () => {
  fc.assert(
    fc.property(fc.webUrl({ validSchemes: ['https'] }), (url) => {
      const base = baseUrl('server', url)
      expect(base.endsWith('/')).toBe(false)
      expect(new URL(base).href.replace(/\/$/, '')).toBe(base)
      expect(baseUrl('server', base)).toBe(base)
    }),
    { numRuns: 500 },
  )
})
