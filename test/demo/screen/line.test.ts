import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { Told } from '../../../demo/jobs/told.ts'
import { liner } from '../../../demo/screen/line.ts'
import { painter } from '../../../demo/screen/painter.ts'

const names = ['import', 'report-of-the-night']
const plain = liner(names, painter(false))

test.each<[Told, string]>([
  [{ kind: 'status', text: 'Queued' }, '  1.2s  import               Queued'],
  [{ kind: 'line', source: 'stdout', text: 'a  b' }, '  1.2s  import               out | a  b'],
  [{ kind: 'line', source: '', text: 'a b' }, '  1.2s  import               dep | a b'],
  [{ kind: 'line', source: 'stderr', text: 'a b' }, '  1.2s  import               err | a b'],
  [{ kind: 'trouble', text: 'lines are missing' }, '  1.2s  import               lines are missing'],
  [{ kind: 'end', end: 'succeeded', why: [] }, '  1.2s  import               succeeded'],
  [
    { kind: 'end', end: 'failed', why: ['exit code 3', 'no disk'] },
    '  1.2s  import               failed: exit code 3; no disk',
  ],
])('%o', (told, expected) => {
  expect(plain({ name: 'import', at: 1_234, told })).toBe(expected)
  expect(stripVTControlCharacters(liner(names, painter(true))({ name: 'import', at: 1_234, told }))).toBe(expected)
})

test('each job has its colour, and stderr another one', () => {
  const line = liner(names, painter(true))
  const told: Told = { kind: 'line', source: 'stderr', text: 'a' }
  expect(line({ name: 'import', at: 0, told })).toContain('\x1b[36mimport')
  expect(line({ name: 'report-of-the-night', at: 0, told })).toContain('\x1b[35mreport')
  expect(line({ name: 'import', at: 0, told })).toContain('\x1b[31merr |')
})

test('what a job writes cannot take hold of the terminal', () => {
  const text = '\x1b[2J\x1b]0;title\x07over\rwritten\tand\x1b[31m red'
  expect(plain({ name: 'import', at: 0, told: { kind: 'line', source: 'stdout', text } })).toMatch(
    /out \| overwritten\tand red$/,
  )
})
