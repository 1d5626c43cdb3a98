import { asyncScheduler, NEVER, VirtualTimeScheduler } from 'rxjs'
import { type Connection, followJob } from 'rxjobs'
import { fakeJob } from 'rxjobs/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { ConnectionChange } from '../../src/streams/connection.ts'
import { clockOf, patienceOf } from '../../src/streams/options.ts'
import { letters, recorded } from './support/letters.ts'

test('the clock is the option’s, else the source’s, else rxjs’s', () => {
  const [own, of] = [new VirtualTimeScheduler(), new VirtualTimeScheduler()]
  const plain = letters(() => NEVER)
  expect(clockOf({ ...plain, scheduler: of }, { scheduler: own })).toBe(own)
  expect(clockOf({ ...plain, scheduler: of }, {})).toBe(of)
  expect(clockOf(plain, {})).toBe(asyncScheduler)
})

test('patience: twenty failures in a row, the source’s exceptions, and whoever listens, told whose they are', () => {
  const transient = (): boolean => true
  const told: Array<Connection> = []
  const source = letters(() => NEVER, { transient })
  const patience = patienceOf(source, 'a', { onConnection: (connection) => told.push(connection) })
  expect(patience).toMatchObject({ maxFailures: 20, transient, scheduler: asyncScheduler })
  const open: ConnectionChange = { to: 'log', state: 'open', attempt: 0, waitMs: 0, error: { _tag: 'None' } }
  patience.report(open)
  expect(told).toEqual([{ ref: 'a', ...open }])
  expect(patienceOf(source, 'a', { maxFailures: 0 }).maxFailures).toBe(0)
  expect(() => patienceOf(source, 'a', {}).report(open)).not.toThrow()
})

test('what is left to chance is drawn from the option alone, so that a run can be had again', () => {
  const chance = vi.spyOn(Math, 'random')
  onTestFinished(() => chance.mockRestore())
  const run = (seed: number): ReadonlyArray<number> => {
    let drawn = seed
    const random = (): number => (drawn = (drawn * 0.618 + 0.31) % 1)
    const marbles = "q 1s r 'one' 5s x 'two' 2m #503 #503 'three' 1h f"
    return ['live', 'window'].flatMap((log) => {
      const { source, ref, scheduler } = fakeJob(marbles, { log: log === 'live' ? 'live' : 'window' })
      return recorded(scheduler, followJob(source, ref, { random })).times
    })
  }
  expect(run(0.1)).toEqual(run(0.1))
  expect(run(0.1)).not.toEqual(run(0.7))
  expect(chance).not.toHaveBeenCalled()
})
