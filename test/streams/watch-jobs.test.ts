import { defer, map, type Observable, of, Subscription, take, throwError, timer, VirtualTimeScheduler } from 'rxjs'
import {
  type Connection,
  DeadlineError,
  DecodeError,
  HttpError,
  isApiError,
  isFinal,
  type JobSource,
  type JobStatus,
  jobSource,
  type ListedJob,
  pooled,
  watchJobs,
} from 'rxjobs'
import { expect, test } from 'vitest'
import { answered, phaseOf } from './support/letters.ts'

type Row = ListedJob<string, string>
type Options = Parameters<typeof watchJobs>[2]

const row = (ref: string, job: string, more: Partial<Row> = {}): Row => ({ ref, job, phase: phaseOf(job), ...more })

interface Watched {
  readonly scheduler: VirtualTimeScheduler
  readonly source: JobSource<string, string, string>
  /** What was asked for. */
  readonly asked: Array<string>
  readonly seen: Array<string>
  readonly ends: Array<unknown>
  /** Watches for so many milliseconds. */
  readonly watch: (ms: number, options?: Options) => Subscription
}

/** A list that shows these rows in turn, one answer after the other, and reads of single jobs. */
function watched(
  lists: ReadonlyArray<ReadonlyArray<Row> | Error>,
  single: (ref: string, time: number) => string | Error = () => new Error('no job is read by itself'),
): Watched {
  const scheduler = new VirtualTimeScheduler()
  const asked: Array<string> = []
  const seen: Array<string> = []
  const ends: Array<unknown> = []
  let reads = 0
  const valueOf = <A>(value: A | Error): Observable<A> => (value instanceof Error ? throwError(() => value) : of(value))
  const status = (ref: string): Observable<string> =>
    defer(() => {
      asked.push(ref)
      return valueOf(single(ref, scheduler.now()))
    })
  const source: JobSource<string, string, string> = {
    ...jobSource({ status, phase: phaseOf }),
    keyOf: (ref) => `/jobs/${ref}`,
    scheduler,
    list: {
      scopeOf: (ref) => (ref === 'nowhere' ? undefined : `list of ${ref}`),
      read: (scope, refs) =>
        defer(() => {
          asked.push(`${scope} ${refs.join('')}`.trim())
          return timer(10, scheduler)
        }).pipe(
          map(() => {
            const list = lists[Math.min(reads++, lists.length - 1)] ?? []
            if (list instanceof Error) throw list
            return list
          }),
        ),
    },
  }
  const watch = (ms: number, options: Options = {}): Subscription => {
    const subscription = watchJobs(source, 'all', { random: () => 0, ...options }).subscribe({
      next: ({ ref, job, phase }) => seen.push(`${scheduler.now()} ${ref} ${job} ${phase}`),
      error: (error: unknown) => ends.push(error),
      complete: () => ends.push('complete'),
    })
    scheduler.maxFrames = scheduler.now() + ms
    scheduler.flush()
    return subscription
  }
  return { scheduler, source, asked, seen, ends, watch }
}

test('jobs are told when they appear, change and end, by one list each interval; the stream goes on', () => {
  const { seen, asked, ends, watch, scheduler } = watched([
    [row('a', 'q'), row('b', 's')],
    [row('a', 'r'), row('b', 's')],
    [row('c', 'q'), row('a', 'r'), row('b', 's')],
    [row('c', 'r2'), row('a', 's'), row('b', 's')],
    [row('c', 'f'), row('a', 's'), row('b', 's')],
  ])
  const subscription = watch(60_000)
  expect(seen).toEqual([
    '10 a q queued',
    '10 b s succeeded',
    '5020 a r running',
    '10030 c q queued',
    '15040 c r2 running',
    '15040 a s succeeded',
    '20050 c f failed',
  ])
  expect([asked.length, ends]).toEqual([12, []])
  // The list is told which jobs are under way.
  expect(asked.slice(0, 5)).toEqual([
    'list of all',
    'list of all a',
    'list of all a',
    'list of all ac',
    'list of all c',
  ])
  subscription.unsubscribe()
  expect(scheduler.actions).toEqual([])
})

test('a job that is listed twice is told once, and what is over stays over whatever a stale list shows', () => {
  const { seen, watch } = watched([
    [row('a', 'q'), row('a', 'r')],
    [row('a', 'r'), row('a', 'r')],
    [row('a', 's'), row('a', 's')],
    [row('a', 'r')],
    [],
    [row('a', 's')],
  ])
  watch(60_000)
  expect(seen).toEqual(['10 a r running', '10030 a s succeeded'])
})

test('a final phase that must still hold counts as running until a later list agrees', () => {
  const { seen, watch } = watched([
    [row('a', 'f1', { confirmAfter: 7_000 })],
    [row('a', 'f1', { confirmAfter: 7_000 })],
    [row('a', 'r', { confirmAfter: 7_000 })],
    [row('a', 'f2', { confirmAfter: 7_000 })],
  ])
  watch(60_000)
  expect(seen).toEqual(['10 a f1 running', '10030 a r running', '15040 a f2 running', '25060 a f2 failed'])
})

test('a row that does not tell how a job ended is followed by one read of that job, but not for jobs of the past', () => {
  const { seen, asked, watch } = watched(
    [
      [row('old', 'e', { partial: true }), row('a', 'r')],
      [row('old', 'e', { partial: true }), row('a', 'e', { partial: true }), row('b', 'e', { partial: true })],
    ],
    (ref) => (ref === 'a' ? 'f' : 's'),
  )
  watch(30_000)
  expect(seen).toEqual(['10 old e ended', '10 a r running', '5020 a f failed', '5020 b s succeeded'])
  expect(asked.filter((what) => !what.startsWith('list'))).toEqual(['a', 'b'])
})

test('a job that leaves the list while it is under way is read by itself until it is over or shown again', () => {
  const { seen, watch } = watched([[row('a', 'r'), row('b', 'r'), row('c', 'r')], [row('c', 'r')]], (ref, time) =>
    ref === 'b' ? answered(404) : time > 12_000 ? 's' : 'r',
  )
  watch(60_000)
  expect(seen).toEqual(['10 a r running', '10 b r running', '10 c r running', '15040 a s succeeded'])
})

test('a read of one job that fails in passing is repeated with the next list; one that fails for good leaves the row', () => {
  const { seen, ends, watch } = watched(
    [
      [row('a', 'r'), row('b', 'r')],
      [row('a', 'e', { partial: true }), row('b', 'e', { partial: true })],
    ],
    (ref, time) => (ref === 'b' ? answered(403) : time < 12_000 ? answered(503) : 's'),
  )
  watch(60_000)
  expect(seen).toEqual(['10 a r running', '10 b r running', '5020 b e ended', '15040 a s succeeded'])
  expect(ends).toEqual([])
})

test('a list that fails is read again, and reported; three odd ones in a row end the stream', () => {
  const odd = new DecodeError({ method: 'GET', path: '/jobs', issues: [] })
  const failing = watched([[row('a', 'r')], answered(503), odd, [row('a', 's')]])
  const reported: Array<string> = []
  failing.watch(60_000, { onConnection: ({ ref, state }: Connection) => reported.push(`${String(ref)} ${state}`) })
  expect(failing.seen.map((text) => text.replace(/^\d+ /, ''))).toEqual(['a r running', 'a s succeeded'])
  expect(reported).toEqual(['open', 'retrying', 'retrying', 'open'].map((state) => `list of all ${state}`))
  const broken = watched([[row('a', 'r')], odd])
  broken.watch(60_000)
  expect(broken.ends).toEqual([expect.any(DecodeError)])
  const refused = watched([answered(403)])
  refused.watch(60_000)
  expect(refused.ends).toEqual([expect.any(HttpError)])
  expect(refused.asked).toHaveLength(1)
})

test('what is no phase ends the stream with a TypeError that names it', () => {
  const { ends, watch } = watched([[{ ref: 'a', job: 'r', phase: 'busy' as 'running' }]])
  watch(1_000)
  expect(String(ends[0])).toContain('"busy"')
})

test('a deadline holds, and unsubscribing within an emission stops everything', () => {
  const late = watched([[row('a', 'r')]])
  late.watch(60_000, { deadline: 12_000 })
  expect(late.ends).toEqual([expect.any(DeadlineError)])
  expect(late.scheduler.actions).toEqual([])
  const { source, scheduler } = watched([[row('a', 'r'), row('b', 'r')]])
  const first: Array<JobStatus<string, string>> = []
  watchJobs(source, 'all')
    .pipe(take(1))
    .subscribe((status) => first.push(status))
  scheduler.flush()
  expect([first.map(({ ref }) => ref), scheduler.actions]).toEqual([['a'], []])
})

test('two subscriptions are two watches', () => {
  const { source, scheduler } = watched([[row('a', 'r')], [row('a', 'r')], [row('a', 's')]])
  const seen: Array<string> = []
  const stream = watchJobs(source, 'all')
  const both = ['x', 'y'].map((name) => stream.subscribe(({ phase }) => seen.push(`${name} ${phase}`)))
  scheduler.maxFrames = 8_000
  scheduler.flush()
  for (const one of both) one.unsubscribe()
  expect(seen).toEqual(['x running', 'y running', 'x succeeded', 'y succeeded'])
})

test('the lists and reads of a pooled source are of its budget', () => {
  const { source, scheduler, asked } = watched([[row('a', 'r')]])
  const pool = pooled(source, { requestsPerMinute: 4 })
  watchJobs(pool, 'all', { pollInterval: 1_000 }).subscribe()
  scheduler.maxFrames = 120_000
  scheduler.flush()
  expect(asked.length).toBeGreaterThan(4)
  expect(asked.length).toBeLessThanOrEqual(9)
})

test('a source without lists, a scope without one, and options that are none are refused at the call', () => {
  const { source } = watched([[]])
  const { list, ...bare } = source
  expect(() => watchJobs(bare, 'all')).toThrow('watchJobs: this source has no list of jobs')
  expect(() => watchJobs(source, 'nowhere')).toThrow('watchJobs: the scope names no list of jobs')
  expect(() => watchJobs(source, 'all', { cancelOn: of(1) } as object)).toThrow(/watchJobs: .*cancelOn/)
  expect([isFinal('ended'), isApiError(answered(503))]).toEqual([true, true])
})
