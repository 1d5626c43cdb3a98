import { NEVER, of } from 'rxjs'
import { expect, test } from 'vitest'
import { Traffic } from '../../../src/testing/fake/traffic.ts'

test('a request counts while it is subscribed to, and the most is kept', () => {
  const traffic = new Traffic()
  const status = traffic.count('status', NEVER)
  expect(traffic.inFlight()).toBe(0)
  const first = status.subscribe()
  const second = traffic.count('log', NEVER).subscribe()
  traffic.count('log', of(1)).subscribe()
  expect([traffic.inFlight(), traffic.inFlight('status'), traffic.inFlight('log'), traffic.inFlight('live')]).toEqual([
    2, 1, 1, 0,
  ])
  first.unsubscribe()
  second.unsubscribe()
  expect([traffic.inFlight(), traffic.mostInFlight()]).toEqual([0, 3])
  expect([traffic.mostInFlight('status'), traffic.mostInFlight('log'), traffic.mostInFlight('live')]).toEqual([1, 2, 0])
})
