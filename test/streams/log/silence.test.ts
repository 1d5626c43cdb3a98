import { BehaviorSubject, VirtualTimeScheduler } from 'rxjs'
import { expect, test } from 'vitest'
import { alwaysReady } from '../../../src/core/index.ts'
import { watchSilence } from '../../../src/streams/log/silence.ts'

function watched(ms: number, ready = alwaysReady) {
  const scheduler = new VirtualTimeScheduler()
  const silences: Array<number> = []
  const silence = watchSilence(ms, scheduler, ready, () => silences.push(scheduler.now()))
  const until = (end: number): ReadonlyArray<number> => {
    scheduler.maxFrames = end
    scheduler.flush()
    return silences
  }
  return { ...silence, scheduler, until }
}

test('what is heard puts it off; nothing heard is told again and again', () => {
  const { heard, scheduler, until } = watched(100)
  for (const at of [60, 150]) scheduler.schedule(heard, at)
  expect(until(249)).toEqual([])
  expect(until(460)).toEqual([250, 350, 450])
})

test('a connection that is held back is not silent; when it may go on, time counts anew', () => {
  const ready = new BehaviorSubject(true)
  const { scheduler, until } = watched(100, ready)
  scheduler.schedule(() => ready.next(false), 50)
  scheduler.schedule(() => ready.next(true), 1_030)
  expect(until(1_129)).toEqual([])
  expect(until(1_200)).toEqual([1_130])
})

test('a clock that is set back does not put it off for longer than it takes', () => {
  const { scheduler, until } = watched(100)
  const now = scheduler.now.bind(scheduler)
  scheduler.schedule(() => (scheduler.now = () => now() - 3_600_000), 50)
  expect(until(200)).toHaveLength(1)
})

test('nothing is left of it when it is ended', () => {
  const ready = new BehaviorSubject(true)
  const { subscription, until } = watched(100, ready)
  subscription.unsubscribe()
  expect([until(1_000), ready.observed]).toEqual([[], false])
})
