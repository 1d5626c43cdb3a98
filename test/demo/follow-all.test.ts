import { type RunHelpers, TestScheduler } from 'rxjs/testing'
import { expect, test } from 'vitest'
import { followAll, type Moment, type Screen } from '../../demo/follow-all.ts'
import type { DemoJob, Told } from '../../demo/jobs/told.ts'

const status: Told = { kind: 'status', text: 'running' }
const good: Told = { kind: 'end', end: 'succeeded', why: [] }
const bad: Told = { kind: 'end', end: 'failed', why: ['no disk'] }

function recorder(): { readonly screen: Screen; readonly shown: Array<Moment>; readonly closed: () => number } {
  const shown: Array<Moment> = []
  let closed = 0
  return { screen: { show: (moment) => shown.push(moment), close: () => (closed += 1) }, shown, closed: () => closed }
}

function virtually(run: (helpers: RunHelpers) => void): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run)
}

test('shows what is told of each job when it is told, and ends with how each ended', () => {
  const { screen, shown, closed } = recorder()
  virtually(({ cold, expectObservable, flush }) => {
    const jobs: ReadonlyArray<DemoJob> = [
      { name: 'one', told: cold('s--e|', { s: status, e: good }) },
      { name: 'two', told: cold('-se--|', { s: status, e: bad }) },
      { name: 'three', told: cold('-|') },
    ]
    expectObservable(followAll(jobs, screen)).toBe('-----(e|)', {
      e: [
        { name: 'one', at: 3, end: 'succeeded', why: [] },
        { name: 'two', at: 2, end: 'failed', why: ['no disk'] },
        { name: 'three', at: 0, end: 'lost', why: ['its stream ended before the job'] },
      ],
    })
    flush()
  })
  expect(shown.map(({ name, at, told }) => `${at} ${name} ${told.kind}`)).toEqual([
    '0 one status',
    '1 two status',
    '2 two end',
    '3 one end',
  ])
  expect(closed()).toBe(1)
})

test('leaves every job and closes the screen when nobody listens any more', () => {
  const { screen, closed } = recorder()
  virtually(({ cold, expectObservable, expectSubscriptions }) => {
    const one = cold<Told>('s----', { s: status })
    expectObservable(followAll([{ name: 'one', told: one }], screen), '^--!').toBe('----')
    expectSubscriptions(one.subscriptions).toBe('^--!')
  })
  expect(closed()).toBe(1)
})
