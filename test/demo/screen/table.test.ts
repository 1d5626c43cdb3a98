import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { Ending } from '../../../demo/follow-all.ts'
import { painter } from '../../../demo/screen/painter.ts'
import { table } from '../../../demo/screen/table.ts'

const endings: ReadonlyArray<Ending> = [
  { name: 'support-line', at: 6_712, end: 'succeeded', why: [] },
  { name: 'import', at: 12_000, end: 'failed', why: ['exit code 3', 'no-disk: there is \x1b[31mno disk'] },
  { name: 'report', at: 80, end: 'lost', why: ['GET /jobs/7: 404'] },
]

const expected = `Job           Ended      After  Why
support-line  succeeded   6.7s
import        failed     12.0s  exit code 3
                                no-disk: there is no disk
report        lost        0.1s  GET /jobs/7: 404`

test('says of each job how it ended, after how long, and why', () => {
  expect(table(endings, painter(false))).toBe(expected)
})

test('colours do not move the columns', () => {
  const coloured = table(endings, painter(true))
  expect(stripVTControlCharacters(coloured)).toBe(expected)
  expect(coloured).toContain('\x1b[32msucceeded')
  expect(coloured).toContain('\x1b[31mfailed')
})
