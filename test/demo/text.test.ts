import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { Ending } from '../../demo/follow-all.ts'
import { lineMaker, painter, table } from '../../demo/text.ts'
import type { Update } from '../../demo/updates.ts'

const names = ['import', 'report-of-the-night']
const plain = lineMaker(names, painter(false))

test.each<[Update, string]>([
  [{ kind: 'status', text: 'Queued' }, '  1.2s  import               Queued'],
  [{ kind: 'line', source: 'stdout', text: 'a  b' }, '  1.2s  import               out | a  b'],
  [{ kind: 'line', source: '', text: 'a b' }, '  1.2s  import               dep | a b'],
  [{ kind: 'line', source: 'stderr', text: 'a b' }, '  1.2s  import               err | a b'],
  [{ kind: 'trouble', text: 'lines are missing' }, '  1.2s  import               lines are missing'],
  [{ kind: 'end', end: 'succeeded', reasons: [] }, '  1.2s  import               succeeded'],
  [
    { kind: 'end', end: 'failed', reasons: ['exit code 3', 'no disk'] },
    '  1.2s  import               failed: exit code 3; no disk',
  ],
])('%o', (update, expected) => {
  expect(plain({ name: 'import', at: 1_234, update })).toBe(expected)
  expect(stripVTControlCharacters(lineMaker(names, painter(true))({ name: 'import', at: 1_234, update }))).toBe(
    expected,
  )
})

test('each job has its color, and stderr another one', () => {
  const line = lineMaker(names, painter(true))
  const update: Update = { kind: 'line', source: 'stderr', text: 'a' }
  expect(line({ name: 'import', at: 0, update })).toContain('\x1b[36mimport')
  expect(line({ name: 'report-of-the-night', at: 0, update })).toContain('\x1b[35mreport')
  expect(line({ name: 'import', at: 0, update })).toContain('\x1b[31merr |')
})

test('control characters of a log are not printed', () => {
  const text = '\x1b[2J\x1b]0;title\x07over\rwritten\tand\x1b[31m red'
  expect(plain({ name: 'import', at: 0, update: { kind: 'line', source: 'stdout', text } })).toMatch(
    /out \| overwritten\tand red$/,
  )
})

const endings: ReadonlyArray<Ending> = [
  { name: 'support-line', at: 6_712, end: 'succeeded', reasons: [] },
  { name: 'import', at: 12_000, end: 'failed', reasons: ['exit code 3', 'no-disk: there is \x1b[31mno disk'] },
  { name: 'report', at: 80, end: 'lost', reasons: ['GET /jobs/7: 404'] },
]

const expected = `Job           Ended      After  Why
support-line  succeeded   6.7s
import        failed     12.0s  exit code 3
                                no-disk: there is no disk
report        lost        0.1s  GET /jobs/7: 404`

test('the table shows how each job ended, after how long, and why', () => {
  expect(table(endings, painter(false))).toBe(expected)
})

test('colors do not move the columns of the table', () => {
  const colored = table(endings, painter(true))
  expect(stripVTControlCharacters(colored)).toBe(expected)
  expect(colored).toContain('\x1b[32msucceeded')
  expect(colored).toContain('\x1b[31mfailed')
})
