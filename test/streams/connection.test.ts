import { concat, defer, EMPTY, NEVER, type Observable, of, throwError, VirtualTimeScheduler } from 'rxjs'
import {
  type Connection,
  followJob,
  pooled,
  tailLog,
  thenFetchErrors,
  thenFollow,
  thenTail,
  thenWatch,
  watchJob,
} from 'rxjobs'
import { expect, test } from 'vitest'
import { answered, type Letters, letters, recorded } from './support/letters.ts'
import { service } from './pool/service.ts'

const refs = ['a', 'b', 'c']

/** Jobs of which every first request of each kind fails, and which fail themselves. */
function unlucky() {
  const met = new Set<string>()
  const once = <A>(what: string, then: Observable<A>): Observable<A> =>
    defer(() => {
      if (met.has(what)) return then
      met.add(what)
      return throwError(() => answered(503, 10))
    })
  const log = {
    read: (ref: string) => once(`log ${ref}`, of([{ source: 'stdout', timestamp: '', data: ref }])),
    stream: (ref: string) => once(`live ${ref}`, concat(of([]), NEVER)),
  }
  const reads = new Map<string, number>()
  const job = (ref: string): string => {
    const read = (reads.get(ref) ?? 0) + 1
    reads.set(ref, read)
    return read < 4 ? 'r' : 'f'
  }
  const source = letters(
    (ref) =>
      once(
        `status ${ref}`,
        defer(() => of(job(ref))),
      ),
    {
      failure: (ref) => once(`failure ${ref}`, of('why')),
      cancel: (ref) => once(`cancel ${ref}`, EMPTY),
    },
  )
  return { ...source, log }
}

/** What is reported of each job's connections, as `status retrying`. */
function reportedOf(run: (onConnection: (reported: Connection<string>) => void, clock: VirtualTimeScheduler) => void) {
  const clock = new VirtualTimeScheduler()
  const reported = new Map<string, Set<string>>()
  run(
    ({ ref, channel, state }) => reported.set(ref, (reported.get(ref) ?? new Set()).add(`${channel} ${state}`)),
    clock,
  )
  clock.flush()
  return reported
}

const status = ['status retrying', 'status open']
const log = ['log retrying', 'log open', 'live retrying', 'live open']

test.each<[name: string, kinds: ReadonlyArray<string>, run: Parameters<typeof reportedOf>[0]]>([
  [
    'thenWatch',
    status,
    (onConnection, scheduler) =>
      of(...refs)
        .pipe(thenWatch(unlucky(), { scheduler, pollInterval: 50, onConnection }))
        .subscribe(),
  ],
  [
    'thenWatch on a pool',
    status,
    (onConnection, scheduler) =>
      of(...refs)
        .pipe(thenWatch(pooled(unlucky(), { requestsPerMinute: 6_000, scheduler }), { onConnection }))
        .subscribe(),
  ],
  [
    'thenFollow',
    [...status, ...log],
    (onConnection, scheduler) =>
      of(...refs)
        .pipe(thenFollow(unlucky(), { scheduler, pollInterval: 500, onConnection }))
        .subscribe(),
  ],
  [
    'thenTail',
    [...status, ...log],
    (onConnection, scheduler) =>
      of(...refs)
        .pipe(thenTail(unlucky(), { scheduler, pollInterval: 500, onConnection }))
        .subscribe(),
  ],
  [
    'thenFetchErrors',
    ['status retrying', 'status open'],
    (onConnection, scheduler) =>
      of(...refs.map((ref) => ({ _tag: 'Status', ref, job: 'f', phase: 'failed' }) as const))
        .pipe(thenFetchErrors(unlucky(), { scheduler, onConnection }))
        .subscribe(),
  ],
  [
    'a cancellation of who left',
    ['cancel retrying', 'cancel open'],
    (onConnection, scheduler) => {
      const stuck: Letters = { ...unlucky(), status: () => NEVER }
      for (const ref of refs) {
        const left = watchJob(stuck, ref, { scheduler, onConnection, cancelOnUnsubscribe: true }).subscribe()
        left.unsubscribe()
      }
    },
  ],
])('%s: each connection names its job', (_, kinds, run) => {
  const reported = reportedOf(run)
  expect([...reported.keys()].sort()).toEqual(refs)
  for (const ref of refs) expect([...(reported.get(ref) ?? [])]).toEqual(expect.arrayContaining([...kinds]))
})

test('one list serves all jobs of a pool, and what happens to it is reported to each watch as its own', () => {
  const scheduler = new VirtualTimeScheduler()
  const { source, requests } = service(scheduler, {
    lives: new Map(refs.map((ref) => [ref, [[5_000, 's']]])),
    shows: () => true,
    failure: (index) => (index === 0 ? answered(503, 1_000) : undefined),
  })
  const pool = pooled(source, { requestsPerMinute: 6_000, pollInterval: 1_000, random: () => 0 })
  const reported: Array<string> = []
  for (const ref of refs) {
    const onConnection = (connection: Connection<string>): void =>
      void reported.push(`${ref}: ${connection.ref} ${connection.state} ${connection.attempt} ${connection.retryInMs}`)
    watchJob(pool, ref, { onConnection }).subscribe()
  }
  scheduler.schedule(() => {
    expect(requests).toHaveLength(2)
    expect([...reported.slice(0, 3).sort(), ...reported.slice(3)]).toEqual([
      ...refs.map((ref) => `${ref}: ${ref} retrying 1 1000`),
      ...refs.map((ref) => `${ref}: ${ref} open 0 0`),
    ])
  }, 1_500)
  scheduler.flush()
  expect(requests.slice(0, 2).map(({ what }) => what)).toEqual(['list all 3', 'list all 3'])
})

test('an event of a follow is of the job that its Connection names', () => {
  const clock = new VirtualTimeScheduler()
  const options = { scheduler: clock, pollInterval: 500 }
  for (const ref of refs) {
    const { values } = recorded(clock, followJob(unlucky(), ref, options))
    const refsOf = values.flatMap((event) => (event._tag === 'Connection' ? [event.ref] : []))
    expect([refsOf.length > 3, new Set(refsOf)]).toEqual([true, new Set([ref])])
    expect(recorded(clock, tailLog(unlucky(), ref, options)).values).toMatchObject([{ ref, data: ref }])
  }
})

test.each([false, true])('a final status after a failure is reported as open first; in a pool: %s', (isPooled) => {
  for (const steps of [
    ['!', 's'],
    ['r', '!', 's'],
  ] as const) {
    const scheduler = new VirtualTimeScheduler()
    const seen: Array<string> = []
    let read = 0
    const source = letters(() => {
      const step = steps[read++] ?? 's'
      return step === '!' ? throwError(() => answered(429, 1_000)) : of(step)
    })
    const used = isPooled ? pooled(source, { requestsPerMinute: 600, scheduler }) : source
    const onConnection = ({ state }: Connection): void => void seen.push(state)
    watchJob(used, 'a', { scheduler, onConnection }).subscribe(({ job }) => seen.push(job))
    scheduler.flush()
    expect(seen.slice(-3)).toEqual(['retrying', 'open', 's'])
  }
})
