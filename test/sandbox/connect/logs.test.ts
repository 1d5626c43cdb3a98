import type { FeedEntry } from 'rxjobs/sandbox'
import { describe, expect, test, vi } from 'vitest'
import { cutLines, JobLog, type LogEntry, timedLine } from '../../../sandbox/connect/log.ts'
import { logDefaults, tailDefaults } from '../../../sandbox/connect/settings.ts'
import { startSandbox } from '../../../sandbox/sandbox.ts'
import { connectOf, finalized, jsonOf, logOf, sandboxes, someText, until } from '../support.ts'

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

  test('with a lag entries are shown that many milliseconds later, in order', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      const log = new JobLog(100)
      log.append([entry(0), entry(1)])
      vi.advanceTimersByTime(60)
      log.append([entry(2)])
      expect([log.length, log.shown]).toEqual([3, 0])
      vi.advanceTimersByTime(40)
      expect(log.shown).toBe(2)
      log.close()
      expect(log.shown).toBe(2)
      vi.advanceTimersByTime(60)
      expect([log.shown, log.shown]).toEqual([3, 3])
    } finally {
      vi.useRealTimers()
    }
  })

  test.each([
    ['2024-11-25T22:17:43.386988748Z', '2024/11/25 22:17:43.386988748 text'],
    ['2024-11-25T22:17:43.5Z', '2024/11/25 22:17:43.500000000 text'],
    ['2024-11-25T22:17:43Z', '2024/11/25 22:17:43.000000000 text'],
    ['yesterday', 'text'],
    [null, 'text'],
  ])('a line of %s with its time is %j', (timestamp, wanted) => {
    expect(timedLine({ source: 'stdout', timestamp, data: 'text' })).toBe(wanted)
  })

  test('a cut shortens the line and nothing else', () => {
    const line = { source: 'stderr', timestamp: 't', data: 'a "quoted" line' }
    for (let length = 0; length <= line.data.length + 2; length += 1) {
      const [text = ''] = cutLines([JSON.stringify(line)], length)
      expect(JSON.parse(text)).toEqual(length === 0 ? line : { ...line, data: line.data.slice(0, length) })
    }
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

  test.each([
    ['bare' as const, 'two\none\nthree\nfour\n'],
    [
      'times' as const,
      ['03.100000000 two', '04.000000000 one', '05.000000000 three']
        .map((end) => `2024/01/02 10:00:${end}\n`)
        .join('') + 'four\n',
    ],
    ['streams' as const, 'one\nfour\ntwo\nthree\n'],
  ])('the download in the format %s', async (downloadFormat, wanted) => {
    const sandbox = await start({ log: { downloadFormat } })
    const job = sandbox.connect.feed()
    job.write([
      { source: 'stderr', timestamp: '2024-01-02T10:00:03.1Z', data: 'two' },
      { source: 'stdout', timestamp: '2024-01-02T10:00:04Z', data: 'one' },
      { source: 'stderr', timestamp: '2024-01-02T10:00:05Z', data: 'three' },
      { source: 'stdout', timestamp: null, data: 'four' },
    ])
    const answer = await connectOf(sandbox)(`/v1/content/${job.guid}/jobs/${job.key}/download`)
    expect(await answer.text()).toBe(wanted)
  })

  test('a long download by streams has each line once', async () => {
    const sandbox = await start({ log: { downloadFormat: 'streams' } })
    const job = sandbox.connect.feed()
    job.write(numbered(5000))
    const answer = await connectOf(sandbox)(`/v1/content/${job.guid}/jobs/${job.key}/download`)
    const wanted = (['stdout', 'stderr'] as const).flatMap((source) =>
      numbered(5000).flatMap((entry) => (entry.source === source ? [entry.data] : [])),
    )
    expect((await answer.text()).split('\n')).toEqual([...wanted, ''])
  })

  test('with cutAt the log has shorter lines, the tail and the download have them whole', async () => {
    const sandbox = await start({ log: { cutAt: 4 } })
    const ask = connectOf(sandbox)
    const job = sandbox.connect.feed()
    job.write([{ source: 'stdout', data: 'a long line' }])
    job.finish()
    await finalized(ask, job)
    const path = `/v1/content/${job.guid}/jobs/${job.key}`
    expect(await logOf(ask, job)).toEqual(['a lo'])
    expect(await (await ask(`${path}/download`)).text()).toBe('a long line\n')
    expect(await (await ask(`${path}/tail`)).text()).toContain('"a long line"')
  })

  test('with lagMs the tail has lines that the log and the download show later, after the end as well', async () => {
    const sandbox = await start({ log: { lagMs: 2000 }, connect: { settleMs: 0 } })
    const ask = connectOf(sandbox)
    const job = sandbox.connect.feed()
    const path = `/v1/content/${job.guid}/jobs/${job.key}`
    job.write([{ source: 'stdout', data: 'late' }])
    job.finish()
    expect(await (await ask(`${path}/tail`)).text()).toContain('"late"')
    expect([await logOf(ask, job), await (await ask(`${path}/download`)).text()]).toEqual([[], ''])
    await until(
      () => logOf(ask, job),
      (lines) => lines.length === 1,
    )
    expect(await (await ask(`${path}/download`)).text()).toBe('late\n')
  })

  test.each(['first', 'last'] as const)(
    'a log that is rotated begins anew, and open tails go on (%s lines)',
    async (keeps) => {
      const sandbox = await start({ log: { keeps, window: 700 } })
      const ask = connectOf(sandbox)
      const job = sandbox.connect.feed()
      const path = `/v1/content/${job.guid}/jobs/${job.key}`
      const tail = ask(`${path}/tail`)
      await until(
        () => Promise.resolve(sandbox.inFlight(({ path: asked }) => asked.endsWith('/tail'))),
        (open) => open === 1,
      )
      job.write(numbered(300))
      job.rotate()
      expect(await logOf(ask, job)).toEqual([])
      const after = Array.from({ length: 600 }, (_, n) => `new ${n}`)
      job.write(after.map((data) => ({ source: 'stdout', data })))
      job.finish()
      await finalized(ask, job)
      expect(await logOf(ask, job)).toEqual(after)
      expect(await (await ask(`${path}/download`)).text()).toBe(after.map((line) => `${line}\n`).join(''))
      const sent = (await (await tail).text()).trimEnd().split('\n')
      expect(sent).toHaveLength(900)
      expect(sent.at(-1)).toContain('"new 599"')
      expect((await (await ask(`${path}/tail`)).text()).trimEnd().split('\n')).toHaveLength(600)
    },
  )

  test('with timestamps: false the lines of processes and fed lines have none', async () => {
    const sandbox = await start({ log: { timestamps: false, downloadFormat: 'times' } })
    const ask = connectOf(sandbox)
    const process = await sandbox.connect.start({ command: ['echo', 'a'] })
    await finalized(ask, process)
    const fed = sandbox.connect.feed()
    fed.write([{ source: 'stdout', data: 'a' }])
    for (const { guid, key } of [process, fed]) {
      const path = `/v1/content/${guid}/jobs/${key}`
      expect(await jsonOf(ask(`${path}/log`))).toEqual({ entries: [{ source: 'stdout', timestamp: null, data: 'a' }] })
      expect(await (await ask(`${path}/download`)).text()).toBe('a\n')
    }
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
