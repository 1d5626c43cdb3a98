import { VirtualTimeScheduler } from 'rxjs'
import { expect, test } from 'vitest'
import { Life } from '../../../src/testing/fake/life.ts'

const asked = { method: 'GET', path: '/jobs/job' }

function lived(marbles: string): { readonly life: Life; readonly at: (ms: number) => Life } {
  const scheduler = new VirtualTimeScheduler()
  const life = new Life(marbles, scheduler)
  return { life, at: (ms) => ((scheduler.frame = ms), life) }
}

test('is what its marbles say, at each time, and begins queued', () => {
  const { at } = lived("1s r 'one' 1s 'two' s")
  const seen = [0, 999, 1_000, 2_000].map((ms) => {
    const { phase, over, lines, untilNext } = at(ms)
    return [phase, over, lines.length, untilNext]
  })
  expect(seen).toEqual([
    ['queued', false, 0, 1_000],
    ['queued', false, 0, 1],
    ['running', false, 1, 1_000],
    ['succeeded', true, 2, undefined],
  ])
  expect(at(0).length).toBe(2_000)
})

test('a fault happens once, to whom it concerns', () => {
  const { at } = lived('1s #503 x 1s s')
  expect(at(0).fault(asked, 'request')).toBeUndefined()
  expect(at(1_000).fault(asked, 'connection')).toMatchObject({ _tag: 'NetworkError' })
  expect(at(1_000).fault(asked, 'connection')).toBeUndefined()
  expect(at(1_500).fault(asked, 'request')).toMatchObject({ status: 503 })
  expect(at(1_500).fault(asked, 'request')).toBeUndefined()
})

test('it can turn: what was stays, what was to come does not', () => {
  const { life, at } = lived("r 'one' 5s 'two' x s")
  let turns = 0
  life.turned.subscribe(() => turns++)
  at(1_000).turn("'stopping' 2s f")
  expect(at(1_000).lines.map(({ data }) => data)).toEqual(['one', 'stopping'])
  expect([at(2_999).phase, at(3_000).phase, at(9_000).fault(asked, 'request')]).toEqual([
    'running',
    'failed',
    undefined,
  ])
  at(9_000).turn('s')
  expect([at(9_000).phase, turns]).toEqual(['failed', 1])
})
