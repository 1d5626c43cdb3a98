import { last } from 'rxjs'
import { tailLog, toAsyncIterable } from 'rxjobs'
import { expect, test } from 'vitest'
import { all, connectTo, written } from '../apis/support.ts'
import { sandboxes, until } from '../sandbox/support.ts'

const start = sandboxes()
const lines = 300_000
const text = 'x'.repeat(200)

test('a consumer that is busy stops the socket: of 300 000 lines the server sends a small part', {
  timeout: 120_000,
}, async () => {
  const sandbox = await start()
  const job = written(sandbox, 'first')
  const pc = connectTo(sandbox)
  const iterator = toAsyncIterable(tailLog(pc.jobs, job))[Symbol.asyncIterator]()
  expect(await iterator.next()).toMatchObject({ value: { data: 'first' } })
  const slow = await until(
    () => sandbox.exchanges.find(({ path }) => path.endsWith('/tail')),
    (exchange) => exchange?.status === 200,
  )
  // Once nothing but the tail is open, its lines come over it.
  await until(
    () => sandbox.inFlight(),
    (open) => open === 1,
  )
  job.write([{ source: 'stdout', data: 'second' }])
  expect(await iterator.next()).toMatchObject({ value: { data: 'second' } })
  // Another reader of the same log, who is not busy, has it all before the busy one reads again.
  const entry = { source: 'stdout', data: text } as const
  const whole = all(pc.jobTailLog(job).pipe(last()))
  for (let left = lines; left > 0; left -= 1_000) job.write(Array.from({ length: Math.min(left, 1_000) }, () => entry))
  const quick = await until(
    () => sandbox.exchanges.filter(({ path }) => path.endsWith('/tail')).at(-1),
    (exchange) => (exchange?.bytesOut ?? 0) > lines * text.length,
    60_000,
  )
  expect(quick).not.toBe(slow)
  expect(slow?.closedAt).toBeUndefined()
  expect(slow?.bytesOut).toBeLessThan((quick?.bytesOut ?? 0) / 4)

  job.finish()
  expect(await whole).toMatchObject([{ data: text }])
  let index = 1
  for (;;) {
    const result = await iterator.next()
    if (result.done === true) break
    expect.soft(result.value._tag === 'Line' ? result.value.index : result.value.reason).toBe(++index)
  }
  expect(index).toBe(lines + 1)
})
