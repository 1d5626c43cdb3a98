import { expect, test } from 'vitest'
import { readHistory, shapeHistory, wireJob } from '../../../sandbox/genesys/history.ts'
import type { GenesysJob, GenesysStatus } from '../../../sandbox/genesys/jobs.ts'
import { readQuery } from '../../../sandbox/genesys/query.ts'

function job(id: string, dateSubmitted: string, status: GenesysStatus, acceleratorId: string): GenesysJob {
  const errorInfo = status === 'Failed' ? { message: 'm', code: 'c' } : undefined
  return {
    id,
    dryRun: false,
    acceleratorId,
    dateSubmitted,
    submittedBy: 'me',
    status,
    errorInfo,
    results: 'r',
    rollbackResults: undefined,
  }
}

const jobs = [
  job('a', '2026-01-01', 'Complete', 'x'),
  job('b', '2026-01-02', 'Failed', 'y'),
  job('c', '2026-01-02', 'Running', 'x'),
]

function ids(query: string): unknown[] {
  const search = new URLSearchParams(query)
  return readHistory(
    jobs,
    readQuery((name) => search.get(name) ?? undefined),
  ).map((one) => one['id'])
}

test('the newest one by default, more when asked, in the order asked', () => {
  expect(ids('')).toEqual(['c'])
  expect(ids('maxResults=9')).toEqual(['c', 'b', 'a'])
  expect(ids('maxResults=9&sortOrder=asc')).toEqual(['a', 'b', 'c'])
  expect(ids('maxResults=9&sortBy=status&sortOrder=asc')).toEqual(['a', 'b', 'c'])
  expect(ids('maxResults=2&sortBy=id&sortOrder=desc')).toEqual(['c', 'b'])
})

test('filters', () => {
  expect(ids('maxResults=9&acceleratorId=x')).toEqual(['c', 'a'])
  expect(ids('maxResults=9&status=Failed')).toEqual(['b'])
  expect(ids('maxResults=9&submittedBy=someone')).toEqual([])
  expect(() => ids('status=RollbackComplete')).toThrow('status')
})

test('errors only where they are asked for, results never in a list', () => {
  const plain = wireJob(jobs[1] ?? job('', '', 'Created', ''), { results: false, errors: false })
  expect(Object.keys(plain)).not.toEqual(expect.arrayContaining(['errorInfo']))
  const search = readQuery((name) => ({ includeErrors: 'true', maxResults: '9' })[name])
  const listed = readHistory(jobs, search)
  expect(listed.map((one) => 'errorInfo' in one)).toEqual([false, true, false])
  expect(listed.some((one) => 'results' in one)).toBe(false)
})

test('three shapes', () => {
  const wire = readHistory(
    jobs,
    readQuery(() => undefined),
  )
  expect(shapeHistory(wire, 'one')).toBe(wire[0])
  expect(shapeHistory(wire, 'array')).toBe(wire)
  expect(shapeHistory(wire, 'entities')).toEqual({ entities: wire })
  expect(shapeHistory([], 'one')).toEqual({})
})
