import { expect, test } from 'vitest'
import { type Query, readQuery } from '../../../sandbox/genesys/query.ts'

function queryOf(text: string): Query {
  const search = new URLSearchParams(text)
  return readQuery((name) => search.get(name) ?? undefined)
}

test('reads what is there and falls back where nothing is', () => {
  const query = queryOf('a=text&yes=true&no=false&n=12&sort=desc')
  expect([query.text('a'), query.text('x')]).toEqual(['text', undefined])
  expect([query.flag('yes', false), query.flag('no', true), query.flag('x', true)]).toEqual([true, false, true])
  expect([query.positive('n', 1), query.positive('x', 7)]).toEqual([12, 7])
  expect([query.oneOf('sort', ['asc', 'desc']), query.oneOf('x', ['asc'])]).toEqual(['desc', undefined])
})

test('what cannot be is invalid.query.param.value and says which', () => {
  const query = queryOf('flag=yes&n=0&m=1.5&sort=up')
  for (const read of [
    () => query.flag('flag', true),
    () => query.positive('n', 1),
    () => query.positive('m', 1),
    () => query.oneOf('sort', ['asc']),
  ]) {
    expect(read).toThrow(expect.objectContaining({ status: 400, code: 'invalid.query.param.value' }))
  }
  expect(() => query.oneOf('sort', ['asc'])).toThrow(/\[up\].*\[sort\].*asc/)
})
