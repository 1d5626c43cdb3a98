import { defer, finalize, map, NEVER, of, timer, VirtualTimeScheduler } from 'rxjs'
import { type JobStatus, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { inTurn, letters, marbles, recorded } from './support/letters.ts'

const jobOf = ({ job }: JobStatus<string, string>): string => job

test('emits changes only, waits from the answer, reads once at a time and ends with the final status', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
    const reads = ['--q--', '--q--', '--r--', '----r', '--s--'].map((answer) => cold(answer))
    let read = 0
    const source = letters(() => reads[read++] ?? NEVER)
    const stream = watchJob(source, 'a', { scheduler, pollInterval: 10 })
    expectObservable(stream.pipe(map(jobOf))).toBe('--q 23ms r 25ms (s|)')
    for (const [index, frames] of ['^-!', '12ms ^-!', '24ms ^-!', '36ms ^---!', '50ms ^-!'].entries()) {
      expectSubscriptions(reads[index]?.subscriptions ?? []).toBe(frames)
    }
  })
})

test('a status says which job it is of, and the job is as the service sent it', () => {
  const scheduler = new VirtualTimeScheduler()
  expect(
    recorded(
      scheduler,
      watchJob(
        letters(() => of('s1')),
        'a',
        { scheduler },
      ),
    ),
  ).toEqual({
    values: [{ _tag: 'Status', ref: 'a', job: 's1', phase: 'succeeded' }],
    times: [0],
    error: undefined,
    completed: true,
    endedAt: 0,
  })
})

test('a change of the job alone is emitted, unless the source says that it is none', () => {
  const scheduler = new VirtualTimeScheduler()
  const jobs = (): (() => string) => inTurn('r1', 'r1', 'r2', 'r3', 's')
  const plain = jobs()
  const reported = watchJob(
    letters(() => of(plain())),
    'a',
    { scheduler },
  )
  expect(recorded(scheduler, reported).values.map(jobOf)).toEqual(['r1', 'r2', 'r3', 's'])
  const blind = jobs()
  const calm = watchJob(
    letters(() => of(blind()), { same: () => true }),
    'a',
    { scheduler },
  )
  expect(recorded(scheduler, calm).values.map(jobOf)).toEqual(['r1', 's'])
})

test('unsubscribing aborts the request or the wait and leaves no timer', () => {
  for (const leaveAt of [1, 5]) {
    const scheduler = new VirtualTimeScheduler()
    let open = 0
    let reads = 0
    const source = letters(() =>
      defer(() => {
        open++
        reads++
        return timer(3, scheduler).pipe(
          map(() => 'r'),
          finalize(() => open--),
        )
      }),
    )
    const subscription = watchJob(source, 'a', { scheduler, pollInterval: 10, deadline: 1_000 }).subscribe()
    scheduler.schedule(() => {
      // Within the first request, or within the wait after it.
      expect(open).toBe(leaveAt < 3 ? 1 : 0)
      expect(scheduler.actions.length).toBeGreaterThan(0)
      subscription.unsubscribe()
      expect(open).toBe(0)
      expect(scheduler.actions).toEqual([])
    }, leaveAt)
    scheduler.flush()
    expect([reads, scheduler.now()]).toEqual([1, leaveAt])
  }
})

test('nothing happens before subscribing, and each subscription is a watch of its own', () => {
  const scheduler = new VirtualTimeScheduler()
  let reads = 0
  const stream = watchJob(
    letters(() => of(`s${++reads}`)),
    'a',
    { scheduler },
  )
  expect(reads).toBe(0)
  expect(recorded(scheduler, stream).values.map(jobOf)).toEqual(['s1'])
  expect(recorded(scheduler, stream).values.map(jobOf)).toEqual(['s2'])
})

test('a source that watches by itself is subscribed to instead, and no timer is started', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
    const watched = cold('-q-q-r-(s|)')
    const source = letters(() => expect.unreachable('the status is not asked for'), {
      watch: () => watched.pipe(map((job) => ({ job, phase: job === 's' ? 'succeeded' : 'running' }))),
    })
    const stream = watchJob(source, 'a', { scheduler }).pipe(map(jobOf))
    expectObservable(stream).toBe('-q---r-(s|)')
    expectObservable(stream, '^---!').toBe('-q---')
    expectSubscriptions(watched.subscriptions).toBe(['^------!', '^---!'])
  })
})
