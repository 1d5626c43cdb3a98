import { BehaviorSubject, filter, map, of, range, scan, Subject, Subscription, tap, VirtualTimeScheduler } from 'rxjs'
import { expect, test } from 'vitest'
import { BackpressuredObservable, type Demand, subscribeInto, unlimited, withDemand } from '../../src/core/index.ts'
import { fetches } from './support/fetches.ts'
import { setups } from './support/http-client.ts'
import { outcomeNow, watch } from './support/outcome.ts'
import { block, pour } from './support/pour.ts'
import { downloadThing, getThing } from './support/things.ts'
import { atRest, until } from './support/until.ts'
import { virtualClient } from './support/virtual.ts'

const start = setups()

/** Numbers from 0, one each time that the demand turns to true. */
function counting(): { readonly source: BackpressuredObservable<number>; readonly demands: ReadonlyArray<Demand> } {
  const demands: Array<Demand> = []
  const source = new BackpressuredObservable((demand) => {
    demands.push(demand)
    return demand.pipe(
      filter(Boolean),
      scan((count) => count + 1, -1),
    )
  })
  return { source, demands }
}

test('subscribed to like any other, it runs at full speed, anew for each subscriber', () => {
  const { source, demands } = counting()
  const piped = source.pipe(map((n) => n * 10))
  expect(demands).toEqual([])
  expect([outcomeNow(source).values, outcomeNow(piped).values]).toEqual([[0], [0]])
  expect(demands).toEqual([unlimited, unlimited])
})

test('withDemand connects it with the demand of the consumer, until that unsubscribes', () => {
  const { source, demands } = counting()
  const demand = new BehaviorSubject(false)
  const seen: Array<number> = []
  const subscription = withDemand(source, demand).subscribe((n) => seen.push(n))
  for (const wanted of [true, false, true]) demand.next(wanted)
  expect([seen, demands]).toEqual([[0, 1], [demand]])
  subscription.unsubscribe()
  expect(demand.observed).toBe(false)
})

test('any other source is returned as it is, what was piped among them', () => {
  const { source } = counting()
  for (const plain of [of(1, 2), source.pipe(map((n) => n + 1))]) {
    expect(withDemand(plain, new BehaviorSubject(false))).toBe(plain)
  }
})

test('unlimited demand says so once and never completes', () => {
  expect(outcomeNow(unlimited)).toEqual({ values: [true], completed: false })
})

test('subscribeInto stops a synchronous source as soon as the outer subscription ends', () => {
  const outer = new Subscription()
  let pulled = 0
  subscribeInto(outer, range(1, 1_000).pipe(tap((n) => (pulled = n))), {
    next: (n) => {
      if (n === 3) outer.unsubscribe()
    },
  })
  expect(pulled).toBe(3)
  const late = new Subject()
  subscribeInto(outer, late, {})
  expect(late.observed).toBe(false)
})

test('a client hands the demand to its transport for streams alone', () => {
  const { client, requests, scheduler } = virtualClient(() => ({ after: 1 }))
  const demand = new BehaviorSubject(true)
  withDemand(client.run(downloadThing, { id: 'a' }), demand).subscribe()
  withDemand<unknown>(client.run(getThing, { id: 'a' }, { retry: false }), demand).subscribe({ error: () => undefined })
  expect(requests.map(({ request }) => request.demand)).toEqual([demand, undefined])
  scheduler.flush()
})

test.each(fetches)(
  '%s: while a download is held back the server waits and no timeout runs; then all of it comes',
  async (_, fetch) => {
    const total = 200 * block.length
    const scheduler = new VirtualTimeScheduler(undefined, 3_600_000)
    let taken = 0
    const { api } = await start((__, response) => void pour(response, 200, (bytes) => (taken = bytes)), {
      ...{ fetch, scheduler, timeout: 5_000, idleTimeout: 50 },
    })
    const demand = new BehaviorSubject(true)
    let read = 0
    const held = withDemand(api.run(downloadThing, { id: 'a' }), demand).pipe(
      tap((bytes) => {
        if (read === 0) demand.next(false)
        read += bytes.length
      }),
    )
    const outcome = watch(held)
    await until(
      () => read,
      (bytes) => bytes > 0,
    )
    expect(await atRest(() => taken)).toBeLessThan(total / 2)
    // An hour passes.
    scheduler.flush()
    expect([outcome().error, scheduler.actions]).toEqual([undefined, []])
    demand.next(true)
    const ended = (): boolean => outcome().completed || outcome().error !== undefined
    await until(ended, Boolean, 20_000)
    expect([outcome().error, read]).toEqual([undefined, total])
    expect(scheduler.actions).toEqual([])
  },
)
