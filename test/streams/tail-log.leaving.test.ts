import type { Subscription } from 'rxjs'
import { tailLog } from 'rxjobs'
import type { Sandbox } from 'rxjobs/sandbox'
import { expect, test } from 'vitest'
import { connectTo, written } from '../apis/support.ts'
import { sandboxes, until } from '../sandbox/support.ts'

const start = sandboxes()
const timers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
const isTail = ({ path }: { readonly path: string }): boolean => path.endsWith('/tail')

/** A tail that has given what is there and waits for more on its open connection. */
async function tailing(sandbox: Sandbox): Promise<Subscription> {
  let lines = 0
  const job = written(sandbox, 'a', 'b')
  const subscription = tailLog(connectTo(sandbox).jobs, job, { pollInterval: 60_000, deadline: 600_000 }).subscribe(
    () => lines++,
  )
  await until(
    () => lines === 2 && sandbox.inFlight(isTail) === 1 && sandbox.inFlight() === 1,
    (reached) => reached,
  )
  return subscription
}

// A busy machine may be late by itself: three tries, each of them a whole one.
test('unsubscribing closes the socket within 50 ms and leaves no timer and no request', { retry: 2 }, async () => {
  const sandbox = await start()
  const before = timers()
  const subscription = await tailing(sandbox)
  expect(timers()).toBeGreaterThan(before)
  const closed = sandbox.closed(isTail)
  const at = Date.now()
  subscription.unsubscribe()
  expect(timers()).toBeLessThanOrEqual(before)
  const { closedAt, aborted } = await closed
  expect(aborted).toBe(true)
  expect(closedAt).toBeLessThan(at + 50)
  expect(sandbox.inFlight()).toBe(0)
})

test('unsubscribing while the status is asked for aborts that request within 50 ms', { retry: 2 }, async () => {
  const sandbox = await start({ faults: { rules: [{ kind: 'silence' }] } })
  const before = timers()
  const subscription = tailLog(connectTo(sandbox).jobs, written(sandbox, 'a')).subscribe()
  await until(
    () => sandbox.inFlight(),
    (open) => open === 1,
  )
  const closed = sandbox.closed()
  const at = Date.now()
  subscription.unsubscribe()
  expect(timers()).toBeLessThanOrEqual(before)
  expect((await closed).closedAt).toBeLessThan(at + 50)
  expect([sandbox.inFlight(), sandbox.exchanges.length]).toEqual([0, 1])
})

test.each([
  ['its completion', undefined],
  ['an error', { kind: 'status', status: 403, match: { path: /\/jobs\/[^/]+$/ }, skip: 1 }],
] as const)('%s leaves no request, no open connection and no timer', async (_, rule) => {
  const sandbox = await start(rule === undefined ? {} : { faults: { rules: [rule] } })
  const before = timers()
  const job = written(sandbox, 'a', 'b')
  let lines = 0
  const ended = new Promise<unknown>((resolve) => {
    tailLog(connectTo(sandbox).jobs, job, { pollInterval: 200, deadline: 600_000 }).subscribe({
      next: () => {
        if (++lines === 2 && rule === undefined) job.finish()
      },
      error: resolve,
      complete: () => resolve('complete'),
    })
  })
  expect(await ended).toEqual(
    rule === undefined ? 'complete' : expect.objectContaining({ _tag: 'HttpError', status: 403 }),
  )
  // The server notices a moment later.
  await until(
    () => sandbox.inFlight(),
    (open) => open === 0,
  )
  const asked = sandbox.exchanges.length
  await until(timers, (left) => left <= before)
  expect(sandbox.exchanges.length).toBe(asked)
})
