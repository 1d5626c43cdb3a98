import { expect, test } from 'vitest'
import { createFailureNotes } from '../../../sandbox/connect/failure.ts'
import { textWith } from '../support.ts'

function errorOf(tag: string, ...lines: Array<['stdout' | 'stderr', string]>): { code: string; summary: string } {
  const notes = createFailureNotes(tag)
  for (const [source, data] of lines) notes.note({ source, timestamp: '', data })
  return notes.errorOf(3)
}

test('without a hint the code tells the kind of job and the summary its exit status', () => {
  expect(errorOf('build_report')).toMatchObject({ code: 'render-failed', summary: textWith('3') })
  expect(errorOf('run_api')).toMatchObject({ code: 'app-exited' })
})

test('a marked line gives the code, the last words on stderr the summary', () => {
  const error = errorOf(
    'run_api',
    ['stderr', 'Error code: python-package-missing'],
    ['stderr', 'No module named web'],
    ['stdout', 'bye'],
    ['stderr', '  '],
  )
  expect(error).toMatchObject({ code: 'python-package-missing', summary: 'No module named web' })
  expect(error).toHaveProperty('help_url', textWith('python-package-missing'))
})

test('what only looks like a code is none', () => {
  expect(errorOf('build_report', ['stdout', 'Error code: Not Kebab']).code).toBe('render-failed')
})
