import { firstValueFrom, NEVER, VirtualTimeScheduler } from 'rxjs'
import { type Connect, connect } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { sandboxes } from '../../sandbox/support.ts'
import { answering, connectTo, errorOf, refusal } from '../support.ts'

const start = sandboxes()

test('first and wait go into the query', async () => {
  const { transport, requests } = answering(() => ({ body: { id: 't', output: [], finished: true } }))
  const pc = connect({ server: 'https://host', apiKey: 'k', transport })
  await firstValueFrom(pc.getTask({ id: 'a/b' }))
  await firstValueFrom(pc.getTask({ id: 't', first: 0, wait: 20 }))
  expect(requests.map(({ url }) => url.replace('https://host/__api__/v1', ''))).toEqual([
    '/tasks/a%2Fb',
    '/tasks/t?first=0&wait=20',
  ])
  expect(refusal(() => pc.getTask({ id: '' }))).toMatch(/^getTask: id must be a string/)
  expect(refusal(() => pc.getTask({ id: 't', wait: 21 }))).toBe(
    'getTask: wait must be a whole number from 0 to 20, was 21',
  )
  expect(refusal(() => pc.getTask({ id: 't', first: -1 }))).toMatch(/first must be a whole number from 0 up, was -1$/)
})

test('what the answer was asked to wait is beyond the time of a call, unless the call says its own', () => {
  const endsAt = (...call: Parameters<Connect['getTask']>): number => {
    const clock = new VirtualTimeScheduler()
    let ended = 0
    connect({
      server: 'https://host',
      apiKey: 'k',
      transport: () => NEVER,
      timeout: 5_000,
      retry: false,
      scheduler: clock,
    })
      .getTask(...call)
      .subscribe({ error: () => (ended = clock.now()) })
    clock.flush()
    return ended
  }
  const task = { id: 't', wait: 20 }
  expect([endsAt({ id: 't' }), endsAt(task), endsAt(task, { timeout: 100 })]).toEqual([5_000, 25_000, 100])
})

test('no task of that id is an object that is not there', async () => {
  const pc = connectTo(await start())
  expect(await errorOf(pc.getTask({ id: 'none' }))).toMatchObject({ status: 404, code: 4, missing: 'object' })
})
