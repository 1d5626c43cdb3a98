import { type RunHelpers, TestScheduler } from 'rxjs/testing'
import { expect, test } from 'vitest'
import { followAll, type Screen, type TimedUpdate } from '../../demo/follow-all.ts'
import type { DemoJob, Update } from '../../demo/updates.ts'

const status: Update = { kind: 'status', text: 'running' }
const good: Update = { kind: 'end', end: 'succeeded', reasons: [] }
const bad: Update = { kind: 'end', end: 'failed', reasons: ['no disk'] }

function recorder(): { readonly screen: Screen; readonly shown: Array<TimedUpdate>; readonly closed: () => number } {
  const shown: Array<TimedUpdate> = []
  let closed = 0
  return { screen: { show: (update) => shown.push(update), close: () => (closed += 1) }, shown, closed: () => closed }
}

function virtually(run: (helpers: RunHelpers) => void): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run)
}

test('shows each update when it comes, and emits how each job ended', () => {
  const { screen, shown, closed } = recorder()
  virtually(({ cold, expectObservable, flush }) => {
    const jobs: ReadonlyArray<DemoJob> = [
      { name: 'one', updates: cold('s--e|', { s: status, e: good }) },
      { name: 'two', updates: cold('-se--|', { s: status, e: bad }) },
      { name: 'three', updates: cold('-|') },
    ]
    expectObservable(followAll(jobs, screen)).toBe('-----(e|)', {
      e: [
        { name: 'one', at: 3, end: 'succeeded', reasons: [] },
        { name: 'two', at: 2, end: 'failed', reasons: ['no disk'] },
        { name: 'three', at: 0, end: 'lost', reasons: ['its stream ended before the job'] },
      ],
    })
    flush()
  })
  expect(shown.map(({ name, at, update }) => `${at} ${name} ${update.kind}`)).toEqual([
    '0 one status',
    '1 two status',
    '2 two end',
    '3 one end',
  ])
  expect(closed()).toBe(1)
})

test('unsubscribing unsubscribes from every job and closes the screen', () => {
  const { screen, closed } = recorder()
  virtually(({ cold, expectObservable, expectSubscriptions }) => {
    const one = cold<Update>('s----', { s: status })
    expectObservable(followAll([{ name: 'one', updates: one }], screen), '^--!').toBe('----')
    expectSubscriptions(one.subscriptions).toBe('^--!')
  })
  expect(closed()).toBe(1)
})
