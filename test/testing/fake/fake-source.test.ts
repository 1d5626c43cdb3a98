import { fakeJob } from 'rxjobs/testing'
import { expect, test } from 'vitest'
import { recorded } from '../../streams/support/letters.ts'

test('an answer is what is so when it is given', () => {
  const { source, scheduler } = fakeJob('q 100ms r 1s f', { latency: 100 })
  const { values, times } = recorded(scheduler, source.status('job'))
  expect([values, times]).toEqual([[{ ref: 'job', job: { phase: 'running' }, phase: 'running' }], [100]])
})

test('the reason is there once it failed, a fault fails one request, an unknown reference is 404', () => {
  const { source, scheduler } = fakeJob('r 1s #503 1s f', { latency: 1_000 })
  const failure = () => recorded(scheduler, source.failure('job', { phase: 'running' }))
  expect(failure().error).toMatchObject({ _tag: 'HttpError', status: 503, path: '/jobs/job' })
  expect(failure().values).toEqual([{ _tag: 'Some', value: 'it failed' }])
  expect(recorded(scheduler, source.status('other')).error).toMatchObject({ status: 404, path: '/jobs/other' })
  const early = fakeJob('r 1s f')
  expect(recorded(early.scheduler, early.source.failure('job', { phase: 'running' })).values).toEqual([
    { _tag: 'None' },
  ])
})

test('a cancel is an order, not an end, and one POST for each', () => {
  const { source, scheduler, posts, isOver } = fakeJob('r 1h s', { cancelled: '10s f' })
  const cancel = source.cancel?.('job') ?? expect.unreachable()
  expect(posts()).toBe(0)
  expect(recorded(scheduler, cancel)).toMatchObject({ values: [], completed: true, endedAt: 100 })
  expect([posts(), isOver()]).toEqual([1, false])
  scheduler.frame = 10_100
  expect(isOver()).toBe(true)
})
