import type { FeedEntry } from 'rxjobs/sandbox'
import { expect, test } from 'vitest'
import { connectOf, jsonOf, logOf, sandboxes, someText } from '../support.ts'

const start = sandboxes()
const numbered = (count: number): FeedEntry[] =>
  Array.from({ length: count }, (_, index) => ({ source: index % 2 === 0 ? 'stdout' : 'stderr', data: `n${index}` }))

test('gives the last lines of a log, or all of a short one', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const job = sandbox.connect.feed()
  job.write(numbered(6000))
  const names = numbered(6000).map(({ data }) => data)
  expect(await logOf(ask, job)).toEqual(names.slice(1000))
  expect(await logOf(ask, job, '?maxLogLines=3')).toEqual(names.slice(-3))
  expect(await logOf(ask, job, '?maxLogLines=900000')).toEqual(names.slice(1000))
  expect(await logOf(ask, job, '?maxLogLines=0')).toEqual([])
})

test('or the first ones, with a window of its own', async () => {
  const sandbox = await start({ log: { keeps: 'first', window: 100 } })
  const job = sandbox.connect.feed()
  job.write(numbered(200))
  const lines = await logOf(connectOf(sandbox), job)
  expect([lines.length, lines[0], lines.at(-1)]).toEqual([100, 'n0', 'n99'])
})

test.each(['-1', 'x', '1.5', ''])('maxLogLines=%s is code 25', async (value) => {
  const sandbox = await start()
  const { guid, key } = sandbox.connect.feed()
  const answer = await connectOf(sandbox)(`/v1/content/${guid}/jobs/${key}/log?maxLogLines=${value}`)
  expect([answer.status, await answer.json()]).toMatchObject([400, { code: 25 }])
})

test('entries say where they came from and when, at their own time if they are given one', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const job = sandbox.connect.feed()
  job.write([
    { source: 'stderr', data: 'now' },
    { source: 'stdout', data: 'then', timestamp: '2024-01-02T03:04:05.6Z' },
  ])
  expect(await jsonOf(ask(`/v1/content/${job.guid}/jobs/${job.key}/log`))).toEqual({
    entries: [
      { source: 'stderr', timestamp: someText, data: 'now' },
      { source: 'stdout', timestamp: '2024-01-02T03:04:05.6Z', data: 'then' },
    ],
  })
})

test('the download is the whole log as a file', async () => {
  const sandbox = await start({ log: { downloadType: 'application/octet-stream' } })
  const ask = connectOf(sandbox)
  const job = sandbox.connect.feed({ tag: 'run_api' })
  job.write(numbered(20_000))
  const path = `/v1/content/${job.guid}/jobs/${job.key}/download`
  const answer = await ask(path)
  expect(answer.headers.get('content-type')).toBe('application/octet-stream')
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; .*rstudio-connect\..*\.run_api\..*\.log$/)
  expect((await answer.text()).split('\n')).toEqual([...numbered(20_000).map(({ data }) => data), ''])
  const named = await ask(`${path}?filename=my%20log.txt`)
  expect(named.headers.get('content-disposition')).toContain('my%20log.txt')
  await named.text()
})

test('the download of an empty log is empty', async () => {
  const sandbox = await start()
  const { guid, key } = sandbox.connect.feed()
  expect(await (await connectOf(sandbox)(`/v1/content/${guid}/jobs/${key}/download`)).text()).toBe('')
})
