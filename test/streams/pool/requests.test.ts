import {
  BehaviorSubject,
  lastValueFrom,
  map,
  NEVER,
  Observable,
  of,
  repeat,
  timer,
  toArray,
  VirtualTimeScheduler,
} from 'rxjs'
import { type JobLog, pooled, type JobSnapshot, tailLog, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { BackpressuredObservable, withDemand } from '../../../src/core/index.ts'
import { type Letters, letters, marbles, phaseOf } from '../support/letters.ts'
import { mostInMinute } from './service.ts'

const line = (data: string) => ({ source: 'stdout', timestamp: '', data })

test('calls wait for their turn, count until they answer, and give the turn back when they are left', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
    const [slow, next] = [cold('--(a|)'), cold('-(b|)')]
    const source = {
      ...letters(() => NEVER),
      scheduler,
      failure: (ref: string) => (ref === 'a' ? slow : next).pipe(map(() => undefined)),
    }
    const pool = pooled(source, { requestsPerMinute: 60, maxConcurrent: 1 })
    const none = { x: undefined }
    expectObservable(pool.failure('a')).toBe('--(x|)', none)
    expectObservable(pool.failure('b'), '^!').toBe('')
    expectObservable(pool.failure('b')).toBe('---(x|)', none)
    expectSubscriptions(slow.subscriptions).toBe('^-!')
    expectSubscriptions(next.subscriptions).toBe('--^!')
  })
})

test('a live connection takes no place of maxConcurrent, and is kept', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
    const connection = cold('-o----o', { o: [] })
    const log: JobLog<string> = { read: () => of([]), stream: () => connection }
    const pool = pooled({ ...letters(() => NEVER), scheduler, log }, { requestsPerMinute: 60, maxConcurrent: 1 })
    expectObservable(pool.log.stream?.('a') ?? NEVER, '^-------!').toBe('-o----o', { o: [] })
    expectObservable(pool.log.stream?.('b') ?? NEVER, '^-------!').toBe('-o----o', { o: [] })
    expectSubscriptions(connection.subscriptions).toBe(['^-------!', '^-------!'])
  })
})

test('what can be held back still can', () => {
  const held: Array<boolean> = []
  const download = (): Observable<ReadonlyArray<string>> =>
    new BackpressuredObservable((demand) => demand.pipe(map((is) => [String(held.push(is))])))
  const scheduler = new VirtualTimeScheduler()
  const log = { read: () => of([]), download }
  const read = pooled({ ...letters(() => NEVER), scheduler, log }, { requestsPerMinute: 60 }).log.download()
  const ready = new BehaviorSubject(true)
  const reading = withDemand(read, ready).subscribe()
  scheduler.schedule(() => ready.next(false), 100)
  scheduler.schedule(() => reading.unsubscribe(), 200)
  scheduler.flush()
  ready.next(true)
  expect(held).toEqual([true, false])
})

test('tails, their windows, counts and downloads share the budget, and read what they read without it', async () => {
  const scheduler = new VirtualTimeScheduler()
  const times: Array<number> = []
  const asked = <A>(answer: () => A): Observable<A> =>
    new Observable<A>((subscriber) => {
      times.push(scheduler.now())
      return timer(5, scheduler).pipe(map(answer)).subscribe(subscriber)
    })
  const written = (): ReadonlyArray<ReturnType<typeof line>> =>
    Array.from({ length: Math.floor(scheduler.now() / 1_000) }, (_, index) => line(`line ${index}`)).slice(0, 60)
  const status = (): Observable<JobSnapshot<string>> =>
    asked(() => (scheduler.now() < 60_000 ? 'r' : 's')).pipe(map((job) => ({ job, phase: phaseOf(job) })))
  const log: JobLog<string> = {
    read: (_, lines) => asked(() => written().slice(-lines)),
    download: () => asked(() => written().map(({ data }) => data)),
  }
  const source = { ...letters(() => NEVER), scheduler, status, log }
  const pool = pooled({ ...source, requests: 1 }, { requestsPerMinute: 40 })
  const tails = ['a', 'b', 'c'].map((ref) => lastValueFrom(tailLog(pool, ref).pipe(toArray())))
  scheduler.flush()
  for (const elements of await Promise.all(tails)) {
    expect(elements.map((element) => (element._tag === 'Line' ? element.data : element.reason))).toEqual(
      written().map(({ data }) => data),
    )
  }
  expect(mostInMinute(times)).toBeLessThanOrEqual(40)
})

test('a call that throws is an error of that call', () => {
  const scheduler = new VirtualTimeScheduler()
  const defect = new RangeError('no call')
  const cancel: NonNullable<Letters['cancel']> = () => {
    throw defect
  }
  const pool = pooled({ ...letters(() => of('s')), scheduler, cancel }, { requestsPerMinute: 60 })
  const seen: Array<unknown> = []
  pool.cancel('a').subscribe({ error: (error: unknown) => seen.push(error) })
  pool.status('a').subscribe(({ phase }) => seen.push(phase))
  scheduler.flush()
  expect([seen, scheduler.actions]).toEqual([[defect, 'succeeded'], []])
})

test('calls without end do not hold back the polls', () => {
  const scheduler = new VirtualTimeScheduler()
  const reads: Array<number> = []
  const status = (): Observable<string> => timer(10, scheduler).pipe(map(() => (reads.push(scheduler.now()), 'r')))
  const pool = pooled(letters(status, { scheduler, failure: () => timer(10, scheduler).pipe(map(() => undefined)) }), {
    requestsPerMinute: 60,
    pollInterval: 2_000,
  })
  const watch = watchJob(pool, 'a').subscribe()
  const calls = Array.from({ length: 100 }, () => pool.failure('b', 'f').pipe(repeat()).subscribe())
  scheduler.schedule(() => {
    for (const one of [watch, ...calls]) one.unsubscribe()
    expect(scheduler.actions).toEqual([])
  }, 600_000)
  scheduler.flush()
  const gaps = reads.slice(1).map((at, index) => at - (reads[index] ?? 0))
  expect(Math.max(...gaps)).toBeLessThanOrEqual(20_000)
})
