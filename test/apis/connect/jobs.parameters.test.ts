import fc from 'fast-check'
import type { Observable } from 'rxjs'
import { type Connect, connect, type JobRef } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { sandboxes } from '../../sandbox/support.ts'
import { all, answering, asked, connectTo, errorOf, jobPath, refusal, written } from '../support.ts'

const start = sandboxes()

/** All operations that take a job's name. */
const operations: ReadonlyArray<[name: string, run: (pc: Connect, ref: JobRef) => Observable<unknown>, rest: string]> =
  [
    ['getJob', (pc, ref) => pc.getJob(ref), ''],
    ['jobLogs', (pc, ref) => pc.jobLogs(ref), '/log'],
    ['jobTailLog', (pc, ref) => pc.jobTailLog(ref), '/tail'],
    ['jobError', (pc, ref) => pc.jobError(ref), '/error'],
    ['jobDownloadLog', (pc, ref) => pc.jobDownloadLog(ref), '/download'],
    ['killJob', (pc, ref) => pc.killJob(ref), ''],
  ]

test.each(operations)('%s: any guid and key are each one piece of the path', async (_, run, rest) => {
  const piece = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text !== '.' && text !== '..')
  await fc.assert(
    fc.asyncProperty(piece, piece, async (guid, key) => {
      const { transport, requests } = answering(() => ({ body: { key: 'k', job_key: 'k', entries: [] } }))
      await all(run(connect({ server: 'https://host', apiKey: 'k', transport }), { guid, key }))
      const [, , , , first = '', , second = '', ...others] = new URL(requests[0]?.url ?? '').pathname.split('/')
      expect([first, second].map(decodeURIComponent)).toEqual([guid, key])
      expect(others).toEqual(rest.split('/').slice(1))
    }),
  )
})

test('nothing is sent before a subscription, and one request for each', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const job = written(sandbox, 'a')
  for (const [, run] of operations) run(pc, job)
  const once = pc.jobLogs(job)
  await all(once)
  await all(once)
  expect(asked(sandbox)).toEqual([`GET ${jobPath(job)}/log`, `GET ${jobPath(job)}/log`])
})

test('what can never work is refused before anything is sent', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const ref = { guid: 'g', key: 'k' }
  for (const [name, run] of operations) {
    for (const bad of ['', '.', '..']) {
      expect(refusal(() => run(pc, { guid: bad, key: 'k' }))).toBe(
        `${name}: guid must be a string that is not empty, '.' or '..', was "${bad}"`,
      )
      expect(refusal(() => run(pc, { guid: 'g', key: bad }))).toMatch(`${name}: key must be a string that is not empty`)
    }
    expect(refusal(() => run(pc, { guid: '', key: '\udc00' }))).toMatch(/guid must be .*; key must be /)
  }
  expect(refusal(() => pc.getJobs({ guid: '' }))).toMatch(/^getJobs: guid must be a string that is not empty/)
  for (const maxLogLines of [0, -5, 2.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(refusal(() => pc.jobLogs({ ...ref, maxLogLines }))).toMatch(
      /^jobLogs: maxLogLines must be a whole number from 1 up, was /,
    )
  }
  expect(refusal(() => pc.jobDownloadLog({ ...ref, filename: '' }))).toMatch(
    /^jobDownloadLog: filename must be a string/,
  )
  expect(sandbox.exchanges).toEqual([])
})

test('a body that does not fit says what was asked for and where it does not', async () => {
  const { transport } = answering(() => ({ body: { entries: [{ source: 'stdout', timestamp: 5, data: '' }] } }))
  const error = await errorOf(
    connect({ server: 'https://host', apiKey: 'k', transport }).jobLogs({ guid: 'g', key: 'k' }),
  )
  expect(error).toMatchObject({
    _tag: 'DecodeError',
    message: 'GET /v1/content/g/jobs/k/log at https://host: entries[0].timestamp should be string, was 5',
  })
})
