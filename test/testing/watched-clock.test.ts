import { interval, take, VirtualTimeScheduler } from 'rxjs'
import { watchedClock } from 'rxjobs/testing'
import { expect, test } from 'vitest'
import { WatchedClock, watched } from '../../src/testing/watched-clock.ts'

test('a timer counts until it is due or stopped', () => {
  const time = new VirtualTimeScheduler()
  const clock = new WatchedClock(time)
  const seen: Array<string> = []
  clock.schedule((text) => seen.push(text), 10, 'due')
  const stopped = clock.schedule(() => seen.push('never'), 20)
  expect([clock.armed, clock.set]).toEqual([2, 2])
  stopped.unsubscribe()
  expect(clock.armed).toBe(1)
  time.flush()
  expect([seen, clock.armed, clock.set, clock.now()]).toEqual([['due'], 0, 2, 10])
})

test('a timer that sets itself anew is one timer, until it stops', () => {
  const time = new VirtualTimeScheduler()
  const clock = new WatchedClock(time)
  const armed: Array<number> = []
  interval(5, clock)
    .pipe(take(3))
    .subscribe(() => armed.push(clock.armed))
  expect(clock.armed).toBe(1)
  time.flush()
  expect([armed, clock.armed, clock.now()]).toEqual([[0, 0, 0], 0, 15])
})

test('a timer that was stopped cannot be set again', () => {
  const clock = new WatchedClock(new VirtualTimeScheduler())
  clock.schedule(function () {
    this.unsubscribe()
    this.schedule(undefined, 5)
    expect(clock.armed).toBe(0)
  })
})

test('a clock is watched once: what a setup watches is what the laws see', () => {
  const clock = watchedClock(new VirtualTimeScheduler())
  const timer = clock.schedule(() => undefined, 5)
  expect(watched(clock)).toBe(clock)
  expect(watched(clock).armed).toBe(1)
  timer.unsubscribe()
  expect(watched(new VirtualTimeScheduler()).armed).toBe(0)
})
