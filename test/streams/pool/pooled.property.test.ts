import fc from 'fast-check'
import { VirtualTimeScheduler } from 'rxjs'
import { NetworkError, pooled, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { answered, recorded } from '../support/letters.ts'
import { type Behaviour, endOf, type Life, mostInMinute, service, shown } from './service.ts'

/** A life that ends: queued, perhaps some changes while it runs, an end. */
const lifeOf = (longest: number): fc.Arbitrary<Life> =>
  fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: longest }), { minLength: 1, maxLength: 4 }),
      fc.constantFrom('s', 'f', 'e'),
    )
    .map(([gaps, end]) => {
      let at = 0
      const steps = gaps.map((gap, index) => [(at += gap), index === gaps.length - 1 ? end : `r${index}`] as const)
      return [[0, 'q'], ...steps]
    })
const life = lifeOf(90_000)

/** A wait and a life that is not too many of them long: a read each millisecond shows no more in minutes than in moments. */
const waitAndLife: fc.Arbitrary<readonly [wait: number, life: Life]> = fc
  .integer({ min: 1, max: 5_000 })
  .chain((wait) => fc.tuple(fc.constant(wait), lifeOf(Math.min(90_000, 100 * wait))))

/** Numbers that a seed gives, from 0 up to 1. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const world = fc.record({
  lives: fc.array(life, { minLength: 1, maxLength: 14 }),
  requestsPerMinute: fc.integer({ min: 3, max: 80 }),
  maxConcurrent: fc.integer({ min: 1, max: 6 }),
  seed: fc.nat(),
  slowest: fc.constantFrom(0, 40, 3_000, 20_000),
  failing: fc.constantFrom(0, 0, 0.1, 0.4),
  listed: fc.constantFrom('none', 'all', 'some', 'fickle'),
})

type World = typeof world extends fc.Arbitrary<infer A> ? A : never

/** A world run to its end: what each watcher saw, and every request. */
function run({ lives, requestsPerMinute, maxConcurrent, seed, slowest, failing, listed }: World) {
  const scheduler = new VirtualTimeScheduler()
  const random = randomOf(seed)
  const names = lives.map((_, index) => `job-${index}`)
  const behaviour: Behaviour = {
    lives: new Map(lives.map((one, index) => [`job-${index}`, one])),
    latency: () => Math.floor(random() * slowest),
    failure: () => {
      if (random() >= failing) return undefined
      const kind = random()
      if (kind < 0.4) return answered(429, Math.floor(random() * 20_000))
      return kind < 0.6 ? answered(429) : new NetworkError({ method: 'GET', path: '/', cause: 'cut' })
    },
    ...(listed === 'none'
      ? {}
      : {
          shows: (ref: string) =>
            listed === 'all' || (listed === 'some' ? Number(ref.slice(4)) % 2 === 0 : random() < 0.5),
        }),
  }
  const { source, requests, open } = service(scheduler, behaviour)
  const pool = pooled(source, { requestsPerMinute, maxConcurrent, random })
  let mostOpen = 0
  // Each job is watched twice, the second time by somebody who comes later.
  const watches = names.flatMap((name, index) =>
    [0, (index * 7_919) % 60_000].map((from) => {
      const seen: Array<string> = []
      const watch = { name, seen, over: Number.NaN, error: undefined as unknown }
      scheduler.schedule(() => {
        watchJob(pool, name, { retry: { maxAttempts: 1_000 } }).subscribe({
          next: ({ job }) => {
            seen.push(job)
            mostOpen = Math.max(mostOpen, open())
          },
          error: (error: unknown) => (watch.error = error),
          complete: () => (watch.over = scheduler.now()),
        })
      }, from)
      return watch
    }),
  )
  scheduler.flush()
  return { watches, requests, mostOpen, left: scheduler.actions.length, open: open() }
}

test('whatever the jobs, the service and its failures: the budget holds, every end is seen once and last', () => {
  fc.assert(
    fc.property(world, (one) => {
      const { watches, requests, mostOpen, left, open } = run(one)
      expect(mostInMinute(requests.map(({ at }) => at))).toBeLessThanOrEqual(one.requestsPerMinute)
      // A request that has no answer after five seconds gives up its place. Beyond as many again there is one more every five seconds.
      expect(mostOpen).toBeLessThanOrEqual(one.slowest > 5_000 ? 2 * one.maxConcurrent + 4 : one.maxConcurrent)
      for (const { name, seen, over, error } of watches) {
        const whole = shown(one.lives[Number(name.slice(4))] ?? [])
        expect(error).toBe(undefined)
        expect(over).not.toBeNaN()
        // Only what was so, each change once and in order, the end last.
        expect(seen).toEqual(whole.filter((job) => seen.includes(job)))
        expect(seen.at(-1)).toBe(whole.at(-1))
      }
      expect([left, open]).toEqual([0, 0])
    }),
    { numRuns: 300 },
  )
})

test('the same seed gives the same requests at the same times', () => {
  fc.assert(
    fc.property(world, (one) => {
      expect(run(one)).toEqual(run(one))
    }),
    { numRuns: 30 },
  )
})

test('a watch that is alone sees what it would see without the pool, at the same times', () => {
  fc.assert(
    fc.property(waitAndLife, fc.nat(2_000), fc.boolean(), ([wait, one], latency, isListed) => {
      const traces = [true, false].map((isPooled) => {
        const scheduler = new VirtualTimeScheduler()
        const { source, requests } = service(scheduler, {
          lives: new Map([['a', one]]),
          latency: () => latency,
          ...(isListed ? { shows: () => true } : {}),
        })
        const used = isPooled ? pooled(source, { requestsPerMinute: 1_000_000 }) : source
        return { ...recorded(scheduler, watchJob(used, 'a', { pollInterval: wait })), requests }
      })
      expect(traces[0]).toEqual(traces[1])
    }),
    { numRuns: 100 },
  )
})

test('no watch waits for ever while there are too many: each is read within a bound', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 25 }), fc.integer({ min: 1, max: 10 }), (jobs, requestsPerMinute) => {
      const scheduler = new VirtualTimeScheduler()
      const lives = new Map(
        Array.from({ length: jobs }, (_, index): [string, Life] => [
          `job-${index}`,
          [
            [0, 'q'],
            [3_600_000, 's'],
          ],
        ]),
      )
      const { source, requests } = service(scheduler, { lives, latency: () => 0 })
      const pool = pooled(source, { requestsPerMinute })
      for (const name of lives.keys()) watchJob(pool, name).subscribe()
      scheduler.flush()
      // Among equals a watch waits for the others, each at most twice.
      const bound = (2 * jobs + 1) * (60_000 / requestsPerMinute) + 60_000
      for (const [name, one] of lives) {
        const reads = [0, ...requests.filter(({ what }) => what === name).map(({ at }) => at)]
        const gaps = reads.slice(1).map((at, index) => at - (reads[index] ?? 0))
        expect(Math.max(...gaps)).toBeLessThanOrEqual(Math.max(bound, 15_000))
        expect((reads.at(-1) ?? 0) - endOf(one)).toBeLessThanOrEqual(Math.max(bound, 15_000))
      }
    }),
    { numRuns: 40 },
  )
})
