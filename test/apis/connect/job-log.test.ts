import { firstValueFrom } from 'rxjs'
import type { JobLog } from 'rxjobs'
import { client, type JobRef, type LogEntry } from 'rxjobs/connect'
import type { Sandbox } from 'rxjobs/sandbox'
import { expect, test } from 'vitest'
import { connectJobLog } from '../../../src/apis/connect/job-log.ts'
import { sandboxes } from '../../sandbox/support.ts'
import { all, answering, asked, errorOf, jobPath, written } from '../support.ts'

const start = sandboxes()
const ref = { guid: 'g', key: 'k' }

const logOf = ({ connect: { server, apiKey } }: Sandbox, maxLineBytes = 1000): JobLog<JobRef> =>
  connectJobLog(client({ server, apiKey }), maxLineBytes)

const texts = (entries: ReadonlyArray<LogEntry>): ReadonlyArray<string> => entries.map(({ data }) => data)

test('a window is as wide as asked for', async () => {
  const sandbox = await start()
  const job = written(sandbox, 'a', 'b', 'c')
  const log = logOf(sandbox)
  expect(texts(await firstValueFrom(log.window(job, 2)))).toEqual(['b', 'c'])
  expect(texts(await firstValueFrom(log.window(job, 3)))).toEqual(['a', 'b', 'c'])
  expect(asked(sandbox)).toEqual([`GET ${jobPath(job)}/log?maxLogLines=2`, `GET ${jobPath(job)}/log?maxLogLines=3`])
})

test('an open connection says that it is open before it says anything else, and ends with the job', async () => {
  const sandbox = await start({ tail: { replay: 'none' } })
  const job = written(sandbox, 'before')
  const batches: Array<ReadonlyArray<string>> = []
  await new Promise<void>((resolve, reject) => {
    logOf(sandbox)
      .live?.(job)
      .subscribe({
        next: (entries) => {
          if (batches.push(texts(entries)) > 1) return
          job.write(['a', 'b'].map((data) => ({ source: 'stdout', data })))
          job.finish()
        },
        error: reject,
        complete: resolve,
      })
  })
  expect([batches[0], batches.flat()]).toEqual([[], ['a', 'b']])
  expect(asked(sandbox)).toEqual([`GET ${jobPath(job)}/tail`])
})

test('the whole log comes a line at a time, a line that is too long cut just beyond the longest', async () => {
  const sandbox = await start()
  const job = written(sandbox, 'é🎈', '', 'x'.repeat(12), 'last')
  const log = logOf(sandbox, 10)
  expect(log.full && (await all(log.full(job)))).toEqual(['é🎈', '', 'x'.repeat(11), 'last'])
  expect(log.longest).toBe(10)
  expect(asked(sandbox)).toEqual([`GET ${jobPath(job)}/download`])
})

test('a last line without an end is a line, and CRLF an end', async () => {
  const { transport } = answering(() => ({ body: 'a\r\nb\n\nc' }))
  const log = connectJobLog(client({ server: 'https://host', apiKey: 'k', transport }), 1000)
  expect(log.full && (await all(log.full(ref)))).toEqual(['a', 'b', '', 'c'])
})

test('each way makes one attempt', async () => {
  const { transport, requests } = answering(() => ({ status: 503 }))
  const { window, live, full } = connectJobLog(client({ server: 'https://host', apiKey: 'k', transport }), 1000)
  for (const stream of [window(ref, 5), live?.(ref), full?.(ref)]) {
    expect(stream && (await errorOf(stream))).toMatchObject({ status: 503 })
  }
  expect(requests.map(({ url }) => url.replace(/^.*\/k\//, ''))).toEqual(['log?maxLogLines=5', 'tail', 'download'])
})
