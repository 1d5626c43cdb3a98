import { lastValueFrom, merge, toArray } from 'rxjs'
import { pooled, tailLog, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { sandboxes, until } from '../../sandbox/support.ts'
import { asked, connectTo, genesysTo } from '../../apis/support.ts'
import { mostInMinute } from './service.ts'

const start = sandboxes()

test('three hundred watches of one content are a list a tick, and every end is emitted with its exit code', async () => {
  const sandbox = await start({ connect: { settleMs: 0 } })
  const pc = connectTo(sandbox)
  const first = sandbox.connect.feed()
  const fed = [first, ...Array.from({ length: 299 }, () => sandbox.connect.feed({ guid: first.guid }))]
  const pool = pooled(pc.jobs, { requestsPerMinute: 3_000, pollInterval: 100 })
  const statuses = lastValueFrom(
    merge(...fed.map((job) => watchJob(pool, { guid: job.guid, key: job.key }))).pipe(toArray()),
  )
  await until(
    () => asked(sandbox).length,
    (count) => count >= 3,
  )
  for (const [index, job] of fed.entries()) job.finish(index % 2)
  const ends = new Map((await statuses).map(({ ref, phase }) => [ref.key, phase]))
  expect(ends).toEqual(new Map(fed.map(({ key }, index) => [key, index % 2 === 0 ? 'succeeded' : 'failed'])))
  const lists = asked(sandbox).filter((line) => line.endsWith('/jobs'))
  // A row of this list tells all, so that an end needs no request of its own.
  expect(asked(sandbox)).toEqual(lists)
  expect(lists.length).toBeGreaterThanOrEqual(3)
})

test('two hundred Genesys jobs under a budget: each end is seen, no minute has more, and nothing is refused', async () => {
  const sandbox = await start({ genesys: { stepMs: 20, requestsPerMinute: 2_000 } })
  const cx = genesysTo(sandbox)
  const submitted = await lastValueFrom(
    merge(
      ...Array.from({ length: 200 }, (_, index) =>
        cx.postInfrastructureascodeJobs({ acceleratorId: index % 2 === 0 ? 'quick-wrapup-code' : 'twin-queues' }),
      ),
    ).pipe(toArray()),
  )
  const before = sandbox.exchanges.length
  const pool = pooled(cx.jobs, { requestsPerMinute: 1_600, pollInterval: 50 })
  const refs = submitted.map(({ id = '' }) => ({ jobId: id }))
  const last = await lastValueFrom(merge(...refs.map((ref) => watchJob(pool, ref))).pipe(toArray()))
  const ends = last.filter(({ phase }) => phase === 'succeeded' || phase === 'failed')
  expect(ends.map(({ ref }) => ref.jobId).sort()).toEqual(refs.map(({ jobId }) => jobId).sort())
  const exchanges = sandbox.exchanges.slice(before)
  expect(exchanges.filter(({ status }) => status === 429)).toEqual([])
  expect(mostInMinute(exchanges.map(({ openedAt }) => openedAt).sort((a, b) => a - b))).toBeLessThanOrEqual(1_600)
  expect(exchanges.some(({ path }) => path.includes('status=Running'))).toBe(true)
})

test('tails and watches share a pool on real sockets; leaving closes what is open', async () => {
  const sandbox = await start({ connect: { settleMs: 0 } })
  const pool = pooled(connectTo(sandbox).jobs, { requestsPerMinute: 6_000, pollInterval: 50 })
  const jobs = Array.from({ length: 20 }, () => sandbox.connect.feed())
  const logs = jobs.map((job) => lastValueFrom(tailLog(pool, job, { pollInterval: 50 }).pipe(toArray())))
  const left = watchJob(pool, sandbox.connect.feed()).subscribe()
  for (const [index, job] of jobs.entries()) {
    job.write([{ source: 'stdout', data: `of ${index}` }])
    job.finish(0)
  }
  const lines = (await Promise.all(logs)).map((elements) =>
    elements.map((one) => (one._tag === 'Line' ? one.data : one.reason)),
  )
  expect(lines).toEqual(jobs.map((_, index) => [`of ${index}`]))
  left.unsubscribe()
  const count = sandbox.exchanges.length
  await until(
    () => sandbox.exchanges.filter(({ closedAt }) => closedAt === undefined).length,
    (open) => open === 0,
  )
  expect(sandbox.exchanges).toHaveLength(count)
})
