import {
  defer,
  EMPTY,
  mergeMap,
  NEVER,
  type Observable,
  of,
  Subject,
  take,
  throwError,
  timer,
  VirtualTimeScheduler,
} from 'rxjs'
import { type Connection, type JobLog, pooled, type RateLimit, tailLog, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { answered, type Letters, letters } from '../support/letters.ts'

interface Reported {
  readonly ref: string
  readonly state: string
  readonly retryInMs: number
  readonly at: number
}

function pool(statusOf: (ref: string, now: number) => Observable<string>, more: Partial<Letters> = {}) {
  const scheduler = new VirtualTimeScheduler()
  scheduler.maxFrames = 7_200_000
  const reads: Array<readonly [ref: string, at: number]> = []
  const reported: Array<Reported> = []
  const ended: Array<readonly [ref: string, error: unknown]> = []
  const source = letters(
    (ref) =>
      defer(() => {
        reads.push([ref, scheduler.now()])
        return statusOf(ref, scheduler.now())
      }),
    { scheduler, ...more },
  )
  const jobs = pooled(source, { requestsPerMinute: 6_000, pollInterval: 1_000, random: () => 0 })
  const watch = (ref: string) =>
    watchJob(jobs, ref, {
      onConnection: ({ state, retryInMs }: Connection<string>) =>
        void reported.push({ ref, state, retryInMs, at: scheduler.now() }),
    }).subscribe({ error: (error: unknown) => void ended.push([ref, error]) })
  return { scheduler, jobs, reads, reported, ended, watch }
}

test('a Retry-After pauses all watches, it is reported to each once, and all are open again after it', () => {
  let isRefused = false
  const { scheduler, reads, reported, watch } = pool((ref, now) =>
    ref === 'b' && now >= 1_000 && !isRefused ? ((isRefused = true), throwError(() => answered(429, 30_000))) : of('r'),
  )
  const watches = ['a', 'b', 'c'].map(watch)
  scheduler.schedule(() => {
    for (const one of watches) one.unsubscribe()
  }, 40_000)
  scheduler.flush()
  for (const ref of ['a', 'b', 'c']) {
    const states = reported.filter((one) => one.ref === ref).map(({ state }) => state)
    expect(states).toEqual(['open', 'retrying', 'open'])
    expect(reported.find((one) => one.ref === ref && one.state === 'retrying')?.retryInMs).toBe(30_000)
  }
  expect(reads.filter(([, at]) => at > 1_010 && at < 31_000)).toEqual([])
})

test('a Retry-After of a year ends the watch of that job with its error; the others go on', () => {
  const { scheduler, reads, ended, watch } = pool((ref, now) =>
    ref === 'b' && now >= 1_000 ? throwError(() => answered(503, 31_536_000_000)) : of('r'),
  )
  const watches = ['a', 'b', 'c'].map(watch)
  scheduler.schedule(() => {
    for (const one of watches) one.unsubscribe()
  }, 11_500)
  scheduler.flush()
  expect(ended).toMatchObject([['b', { status: 503, retryAfter: 31_536_000_000 }]])
  expect(reads.filter(([ref]) => ref === 'a')).toHaveLength(12)
})

test('a watch that a 429 ends hears of no retry; the others hear of the pause once', () => {
  const { scheduler, jobs, reported, watch } = pool((ref, now) =>
    ref === 'a' && now === 0 ? throwError(() => answered(429, 5_000)) : of('r'),
  )
  const states: Array<string> = []
  const errors: Array<unknown> = []
  const watches = ['a', 'b'].map(watch)
  watchJob(jobs, 'a', { retry: false, onConnection: ({ state }) => void states.push(state) }).subscribe({
    error: (error: unknown) => void errors.push(error),
  })
  scheduler.schedule(() => {
    for (const one of watches) one.unsubscribe()
  }, 4_000)
  scheduler.flush()
  expect(errors).toMatchObject([{ status: 429 }])
  expect(errors[0]).not.toHaveProperty('observedResponses')
  expect(states).toEqual([])
  expect(reported).toEqual([
    { ref: 'b', state: 'retrying', retryInMs: 5_000, at: 0 },
    { ref: 'a', state: 'retrying', retryInMs: 5_000, at: 0 },
  ])
})

test('a Retry-After of an hour that comes during a pause is reported to the watch that waits for it', () => {
  const { scheduler, jobs } = pool((ref, now) => {
    if (ref === 'a' && now === 0) return throwError(() => answered(429, 5_000))
    return ref === 'b' && now < 3_600_000
      ? timer(100, scheduler).pipe(mergeMap(() => throwError(() => answered(503, 3_600_000))))
      : of('r')
  })
  const waits: Array<number> = []
  const subscriptions = ['a', 'b'].map((ref) =>
    watchJob(jobs, ref, {
      retry: { maxRetryAfter: 7_200_000 },
      onConnection: ({ ref: whose, retryInMs }: Connection<string>) => {
        if (whose === 'b') waits.push(retryInMs)
      },
    }).subscribe(),
  )
  scheduler.schedule(() => subscriptions.forEach((one) => one.unsubscribe()), 60_000)
  scheduler.flush()
  expect(waits).toEqual([5_000, expect.closeTo(3_780_000, -6)])
})

test('a watch that ends with its first snapshot hears of no pause after it', () => {
  const { scheduler, jobs, watch } = pool((ref, now) =>
    ref === 'a' && now >= 1_000 && now < 2_000 ? throwError(() => answered(429, 5_000)) : of('r'),
  )
  const heard: Array<string> = []
  const watches = ['a', 'b'].map(watch)
  scheduler.schedule(() => {
    watchJob(jobs, 'b', { onConnection: ({ state }) => void heard.push(state) })
      .pipe(take(1))
      .subscribe({ complete: () => void heard.push('complete') })
  }, 2_000)
  scheduler.schedule(() => watches.forEach((one) => one.unsubscribe()), 4_000)
  scheduler.flush()
  expect(heard).toEqual(['open', 'complete'])
})

test('a rate limit that is used up is reported to every watch, once', () => {
  const limits = new Subject<RateLimit>()
  const { scheduler, reported, reads, watch } = pool(() => of('r'), { limits })
  const watches = ['a', 'b'].map(watch)
  for (const at of [1_500, 1_600]) {
    scheduler.schedule(() => limits.next({ allowed: 10, used: 10, resetIn: 11_500 - at }), at)
  }
  scheduler.schedule(() => {
    for (const one of watches) one.unsubscribe()
  }, 13_000)
  scheduler.flush()
  const retrying = reported.filter(({ state }) => state === 'retrying')
  expect(retrying.map(({ ref, retryInMs }) => `${ref} ${retryInMs}`)).toEqual(['a 10000', 'b 10000'])
  expect(reads.filter(([, at]) => at > 1_500 && at < 11_500)).toEqual([])
})

test('connections that open, and reads that hang, block neither other reads nor a cancellation', () => {
  const cancelled: Array<number> = []
  const log: JobLog<string> = { read: () => of([]), stream: () => NEVER }
  const { scheduler, jobs, reads, watch } = pool((ref) => (ref.startsWith('hung') ? NEVER : of('r')), {
    log,
    cancel: () => defer(() => (cancelled.push(scheduler.now()), EMPTY)),
  })
  const hung = Array.from({ length: 10 }, (_, index) => watch(`hung-${index}`))
  const tails = Array.from({ length: 10 }, (_, index) => tailLog({ ...jobs, log: jobs.log ?? log }, `tailed-${index}`))
  const subscriptions = tails.map((tail) => tail.subscribe())
  const watches = ['a', 'b'].map(watch)
  scheduler.schedule(() => jobs.cancel?.('c').subscribe(), 1_000)
  scheduler.schedule(() => {
    for (const one of [...hung, ...subscriptions, ...watches]) one.unsubscribe()
  }, 20_000)
  scheduler.flush()
  expect(cancelled).toEqual([1_000])
  expect(reads.filter(([ref]) => ref === 'a').length).toBeGreaterThanOrEqual(14)
  expect(scheduler.actions).toEqual([])
})

test.each([
  ['shows a job as running that is over', () => 'r'],
  ['names a job twice, with different phases', undefined],
])('a list that %s delays its end by at most a minute', (_, stale) => {
  const refs = ['a', 'b', 'c']
  const over = 300_000
  const ends = new Map<string, number>()
  const { scheduler, jobs } = pool((ref, now) => of(now >= over ? `s ${ref}` : 'r'), {
    list: {
      scopeOf: () => 'all',
      read: (__, asked) =>
        of(
          asked.flatMap((ref) => {
            const running = { ref, job: 'r', phase: 'running' as const }
            const ended = { ref, job: 's', phase: 'succeeded' as const, partial: true as const }
            return stale === undefined && scheduler.now() >= over ? [running, ended] : [running]
          }),
        ),
    },
  })
  for (const ref of refs) watchJob(jobs, ref).subscribe({ complete: () => ends.set(ref, scheduler.now()) })
  scheduler.flush()
  for (const ref of refs) expect((ends.get(ref) ?? Number.NaN) - over).toBeLessThanOrEqual(61_000)
})
