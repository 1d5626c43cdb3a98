import { expect, test } from 'vitest'
import { createChooser } from '../../../sandbox/faults/chooser.ts'
import type { FaultRule } from '../../../sandbox/faults/rules.ts'

/** The kinds that are picked for that many requests of one path. */
function kinds(rules: ReadonlyArray<FaultRule>, paths: ReadonlyArray<string>, seed = 1): string[] {
  const choose = createChooser(rules, seed)
  return paths.map((path) =>
    choose('GET', path)
      .map(({ fault }) => fault.kind)
      .join('+'),
  )
}

const five = Array.from({ length: 5 }, () => '/a')

test('a rule fires as often as it may, after those it lets pass', () => {
  expect(kinds([{ kind: 'silence' }], five)).toEqual(Array(5).fill('silence'))
  expect(kinds([{ kind: 'silence', times: 2, skip: 1 }], five)).toEqual(['', 'silence', 'silence', '', ''])
})

test('matches by method, by path, or by a function', () => {
  const paths = ['/a?x=1', '/b', '/a']
  expect(kinds([{ kind: 'reset', match: { path: /^\/a/g } }], paths)).toEqual(['reset', '', 'reset'])
  expect(kinds([{ kind: 'reset', match: { method: 'POST' } }], paths)).toEqual(['', '', ''])
  expect(kinds([{ kind: 'reset', match: (method, path) => method === 'GET' && path === '/b' }], paths)).toEqual([
    '',
    'reset',
    '',
  ])
})

test('the first rule that fires decides, latency lets others apply as well', () => {
  const rules: FaultRule[] = [{ kind: 'latency', ms: 1 }, { kind: 'html', times: 1 }, { kind: 'silence' }]
  expect(kinds(rules, five.slice(0, 2))).toEqual(['latency+html', 'latency+silence'])
})

test('chances follow the seed, whatever else is asked in between', () => {
  const rules: FaultRule[] = [{ kind: 'reset', probability: 0.5, match: { path: /^\/a$/ } }]
  const many = Array.from({ length: 200 }, () => '/a')
  const picked = kinds(rules, many, 99)
  expect(kinds(rules, many, 99)).toEqual(picked)
  expect(kinds(rules, many, 100)).not.toEqual(picked)
  const between = kinds(
    rules,
    many.flatMap((path) => ['/other', path]),
    99,
  )
  expect(between.filter((_, index) => index % 2 === 1)).toEqual(picked)
  const hits = picked.filter(Boolean).length
  expect(hits > 60 && hits < 140).toBe(true)
  expect(kinds([{ kind: 'reset', probability: 0 }], many).filter(Boolean)).toEqual([])
})

test('what did not come about can be given back', () => {
  const choose = createChooser([{ kind: 'cut', times: 1 }], 1)
  const [first] = choose('GET', '/')
  expect(choose('GET', '/')).toEqual([])
  first?.giveBack()
  expect(choose('GET', '/')).toHaveLength(1)
})
