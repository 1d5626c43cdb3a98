import { expect, test } from 'vitest'
import { parseScript } from '../../../src/testing/fake/script.ts'

const asked = { method: 'GET', path: '/jobs/job' }

test('phases, lines and times, in the order in which they stand', () => {
  expect(parseScript("q 1.5s r 'one' 200ms 2>'two, with spaces' 1m 2h s 'after the end'")).toMatchObject({
    phases: [
      { at: 0, phase: 'queued' },
      { at: 1_500, phase: 'running' },
      { at: 7_261_700, phase: 'succeeded' },
    ],
    lines: [
      { at: 1_500, source: 'stdout', timestamp: '1970-01-01T00:00:01.500Z', data: 'one' },
      { at: 1_700, source: 'stderr', timestamp: '1970-01-01T00:00:01.700Z', data: 'two, with spaces' },
      { at: 7_261_700, data: 'after the end' },
    ],
    faults: [],
  })
})

test('all phases there are', () => {
  expect(parseScript('q r u f').phases.map(({ phase }) => phase)).toEqual(['queued', 'running', 'unknown', 'failed'])
  expect(parseScript('e').phases).toEqual([{ at: 0, phase: 'ended' }])
})

test('faults are breaks and answers, with their Retry-After', () => {
  const { faults } = parseScript('1s x #503 #429/30s #404')
  expect(faults.map(({ at, breaks }) => [at, breaks])).toEqual([
    [1_000, true],
    [1_000, false],
    [1_000, false],
    [1_000, false],
  ])
  const errors = faults.map(({ error }) => error(asked))
  expect(errors).toMatchObject([
    { _tag: 'NetworkError', path: '/jobs/job' },
    { _tag: 'HttpError', status: 503, retryAfter: undefined },
    { status: 429, retryAfter: 30_000 },
    { status: 404 },
  ])
})

test.each([
  ['q 1', 'what is "1"'],
  ['q then s', 'what is "then s"'],
  ["q 'open", 'what is "\'open"'],
  ['q 1s s r', 'goes on after its end'],
  ['q1s', 'what is "q1s"'],
])('%j is no marbles', (marbles, words) => {
  expect(() => parseScript(marbles)).toThrow(TypeError)
  expect(() => parseScript(marbles)).toThrow(words)
})

test('a part that begins later is later', () => {
  expect(parseScript('1s f', 500).phases).toEqual([{ at: 1_500, phase: 'failed' }])
})
