import { NEVER, of, throwError, timer, VirtualTimeScheduler } from 'rxjs'
import { expect, test } from 'vitest'
import { LawSkipped } from 'rxjobs/testing'
import { endOf, Trial, type Witness } from '../../src/testing/trial.ts'
import { WatchedClock } from '../../src/testing/watched-clock.ts'

function place(overAt: number, inFlight = 0): { readonly service: Witness; readonly clock: WatchedClock } {
  const scheduler = new VirtualTimeScheduler()
  const service: Witness = {
    scheduler,
    advance: (ms) => {
      scheduler.maxFrames = scheduler.frame + ms
      scheduler.flush()
      scheduler.frame = scheduler.maxFrames
      return Promise.resolve()
    },
    isOver: () => scheduler.now() >= overAt,
    inFlight: () => inFlight,
    mostInFlight: () => inFlight,
    close: () => undefined,
    within: 10_000,
  }
  return { service, clock: new WatchedClock(scheduler) }
}

test('keeps what came, how it ended and whether the job was over', async () => {
  const { service, clock } = place(50)
  const early = await new Trial(service, timer(20, clock), clock).run()
  expect(early).toMatchObject({ values: [0], end: { how: 'completed', wasOver: false }, stalled: false })
  const late = await new Trial(service, timer(100, clock), clock).run()
  expect(late.end).toEqual({ how: 'completed', wasOver: true })
  const why = new Error('why')
  const failed = new Trial(
    service,
    throwError(() => why),
    clock,
  )
  expect(endOf(failed)).toEqual({ how: 'failed', error: why, wasOver: true })
})

test('stops waiting where the moment comes, the stream ends or time is up', async () => {
  const { service, clock } = place(Number.POSITIVE_INFINITY, 1)
  const trial = new Trial(service, NEVER, clock)
  expect(await trial.until(() => clock.now() >= 30)).toBe(true)
  expect(clock.now()).toBeLessThan(40)
  expect(await trial.until(() => false)).toBe(false)
  expect(clock.now()).toBeGreaterThanOrEqual(10_000)
  expect(() => endOf(trial)).toThrow(new LawSkipped('the stream did not end (law 4)'))
  expect(await new Trial(service, of(1), clock).until(() => false)).toBe(false)
})

test('a stream stalls where nothing is under way for it, but not once the job is over', async () => {
  const stuck = place(Number.POSITIVE_INFINITY)
  const trial = await new Trial(stuck.service, NEVER, stuck.clock).run()
  expect(trial.stalled).toBe(true)
  expect(() => endOf(trial)).toThrow(LawSkipped)
  const over = place(0)
  expect((await new Trial(over.service, NEVER, over.clock).run()).stalled).toBe(false)
  const waiting = place(Number.POSITIVE_INFINITY)
  const waits = await new Trial(waiting.service, timer(9_000, waiting.clock), waiting.clock).run()
  expect([waits.stalled, waits.end?.how]).toEqual([false, 'completed'])
})

test('whoever leaves hears no more', async () => {
  const { service, clock } = place(0)
  const trial = new Trial(service, timer(5, 5, clock), clock)
  await trial.until(() => trial.values.length === 2)
  trial.leave()
  await service.advance(100)
  expect([trial.values, clock.armed]).toEqual([[0, 1], 0])
})
