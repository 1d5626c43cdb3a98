import type { FeedEntry } from 'rxjobs/sandbox'
import { describe, expect, test } from 'vitest'
import { JobLog, type LogEntry } from '../../../sandbox/connect/log.ts'
import { logDefaults, tailDefaults } from '../../../sandbox/connect/settings.ts'
import { startSandbox } from '../../../sandbox/sandbox.ts'
import { connectOf, jsonOf, logOf, sandboxes, someText } from '../support.ts'

const start = sandboxes()

describe('the stored log', () => {
  function entry(index: number): LogEntry {
    return { source: index % 3 === 0 ? 'stderr' : 'stdout', timestamp: `t${index}`, data: `line "${index}"\té` }
  }

  function logWith(count: number): { log: JobLog; all: LogEntry[] } {
    const all = Array.from({ length: count }, (_, index) => entry(index))
    const log = new JobLog()
    log.append(all)
    return { log, all }
  }

  test.each([0, 1, 511, 512, 513, 1024, 2000])('%d entries come back as any range of them', (count) => {
    const { log, all } = logWith(count)
    expect(log.length).toBe(count)
    const ends = [0, 1, 500, 511, 512, 513, 1023, 1024, count, count + 5]
    for (const from of ends) for (const to of ends) expect(log.entries(from, to)).toEqual(all.slice(from, to))
  })

  test('texts are JSON, also of entries with newlines', () => {
    const log = new JobLog()
    const odd: LogEntry = { source: 'stdout', timestamp: '', data: 'a\nb\r\n' }
    log.append([odd])
    for (let index = 0; index < 600; index += 1) log.append([entry(index)])
    expect(log.texts(0, 1)).toEqual([JSON.stringify(odd)])
    expect(log.entries(0, 1)).toEqual([odd])
  })

  test('calls listeners at each append and at the close', () => {
    const log = new JobLog()
    const heard: string[] = []
    const stop = log.listen(() => heard.push(`${log.length}${log.closed ? ' closed' : ''}`))
    log.append([entry(0), entry(1)])
    log.append([entry(2)])
    log.close()
    stop()
    log.append([entry(3)])
    expect(heard).toEqual(['2', '3', '3 closed'])
  })

  test('keeps a million lines outside the heap', () => {
    const log = new JobLog()
    const batch = Array.from({ length: 10_000 }, (_, index) => entry(index))
    const before = process.memoryUsage().heapUsed
    for (let round = 0; round < 100; round += 1) log.append(batch)
    expect(log.length).toBe(1_000_000)
    expect(log.entries(999_000, 1_000_000)).toEqual(batch.slice(-1000))
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 << 20)
  })
})

describe('log and download', () => {
  const numbered = (count: number): FeedEntry[] =>
    Array.from({ length: count }, (_, index) => ({ source: index % 2 === 0 ? 'stdout' : 'stderr', data: `n${index}` }))

  test('sends the last lines of a log, or all of a short one', async () => {
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

  test('or the first lines, with another window', async () => {
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

  test('entries have source and timestamp', async () => {
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
})

describe('default settings', () => {
  test('by default the log has the last lines and the tail replays all, one a line', async () => {
    const sandbox = await startSandbox()
    try {
      const job = sandbox.connect.feed()
      job.write(Array.from({ length: logDefaults.window + 1 }, (_, n) => ({ source: 'stdout', data: String(n) })))
      job.finish()
      const at = `${sandbox.connect.server}/__api__/v1/content/${job.guid}/jobs/${job.key}`
      const headers = { authorization: `Key ${sandbox.connect.apiKey}` }
      const log = await (await fetch(`${at}/log`, { headers })).text()
      expect([logDefaults.keeps, log.includes('"data":"0"')]).toEqual(['last', false])
      const tail = await (await fetch(`${at}/tail`, { headers })).text()
      expect([tailDefaults.framing, tail.trim().split('\n').length]).toEqual(['ndjson', logDefaults.window + 1])
    } finally {
      await sandbox.close()
    }
  })
})
