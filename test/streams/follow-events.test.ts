import { BehaviorSubject, filter, map, NEVER, of, repeat, Subject, take, throwError, VirtualTimeScheduler } from 'rxjs'
import { every, followJob, type JobLog, type LogEntry, NetworkError, tailLog } from 'rxjobs'
import { expect, test } from 'vitest'
import { followEvents } from '../../src/streams/follow-events.ts'
import { answered, inTurn, letters, recorded } from './support/letters.ts'

const entry = (data: string): LogEntry => ({ source: 'stdout', timestamp: '', data })
const ready = new BehaviorSubject(true)

test('lines come in batches as they were read, all else one by one', () => {
  const scheduler = new VirtualTimeScheduler()
  const job = inTurn('r', 's')
  const log: JobLog<string> = {
    window: () => expect.unreachable('the log is counted'),
    since: (_, next) => of({ entries: ['a', 'b', 'c'].slice(next).map(entry), next: 3 }),
  }
  const source = letters(() => of(job()), { log })
  const { values } = recorded(scheduler, followEvents(source, 'a', { scheduler, cadence: every(10) })(ready))
  const brief = values.map((event) => ('_tag' in event ? event._tag : event.length))
  expect(brief).toEqual(['Connection', 'Status', 'Connection', 3, 'Status'])
})

test('the log of a job that is over is read without opening a connection', () => {
  const scheduler = new VirtualTimeScheduler()
  const log: JobLog<string> = {
    window: () => of([entry('a')]),
    live: () => expect.unreachable('there is nothing to wait for'),
  }
  const source = letters(() => of('s'), { log })
  const { values, completed } = recorded(scheduler, followEvents(source, 'a', { scheduler })(ready))
  expect(completed).toBe(true)
  expect(values.flatMap((event) => ('_tag' in event ? [] : event)).map(({ _tag }) => _tag)).toEqual(['Line'])
})

test.each<[how: string, end: (live: Subject<ReadonlyArray<LogEntry>>) => void]>([
  ['closes by itself', (live) => live.complete()],
  ['is cut', (live) => live.error(new NetworkError({ method: 'GET', path: '/tail', cause: 'reset' }))],
])('a connection that %s is a reason to look at the status at once', (_, end) => {
  const scheduler = new VirtualTimeScheduler()
  const looks: Array<number> = []
  const live = new Subject<ReadonlyArray<LogEntry>>()
  const source = letters(() => of(looks.push(scheduler.now()) === 1 ? 'r' : 's'), {
    log: { window: () => of([]), live: () => live },
  })
  scheduler.schedule(() => live.next([]), 10)
  scheduler.schedule(() => end(live), 700)
  const options = { scheduler, cadence: every(100_000) }
  expect(recorded(scheduler, followEvents(source, 'a', options)(ready))).toMatchObject({
    completed: true,
    endedAt: 700,
  })
  expect(looks).toEqual([0, 700])
})

test('an error of the status ends the log as well', () => {
  const scheduler = new VirtualTimeScheduler()
  const live = new Subject<ReadonlyArray<LogEntry>>()
  const source = letters(() => of('r'), { log: { window: () => NEVER, live: () => live } })
  const outcome = recorded(scheduler, followEvents(source, 'a', { scheduler, deadline: 50 })(ready))
  expect(outcome).toMatchObject({ error: { _tag: 'DeadlineError' }, endedAt: 50 })
  expect([live.observed, scheduler.actions]).toEqual([false, []])
})

test.each<[what: string, log: JobLog<string>]>([
  ['a window that never comes', { window: () => NEVER }],
  ['a window that asks for patience', { window: () => throwError(() => answered(503, 1e12)) }],
])('the deadline holds for the log of a job that is over: %s', (_, log) => {
  const scheduler = new VirtualTimeScheduler()
  const source = { ...letters(() => of('s')), scheduler, log }
  const late = { error: { _tag: 'DeadlineError', deadline: 1_000, last: { phase: 'succeeded' } }, endedAt: 1_000 }
  for (const stream of [tailLog(source, 'a', { deadline: 1_000 }), followJob(source, 'a', { deadline: 1_000 })]) {
    const begun = scheduler.now()
    const { error, endedAt } = recorded(scheduler, stream)
    expect({ error, endedAt: (endedAt ?? 0) - begun }).toMatchObject(late)
    expect(scheduler.actions).toEqual([])
  }
})

test('the deadline holds for the reason of a failure', () => {
  for (const failure of [() => NEVER, () => throwError(() => answered(503, 1e12))]) {
    const scheduler = new VirtualTimeScheduler()
    const source = { ...letters(() => of('f')), scheduler, failure }
    expect(recorded(scheduler, followJob(source, 'a', { deadline: 1_000 }))).toMatchObject({
      error: { _tag: 'DeadlineError', last: { phase: 'failed' } },
      endedAt: 1_000,
    })
  }
})

test('an onConnection that throws is the error of the stream, whichever connection it hears of', () => {
  const slip = new Error('a slip')
  for (const to of ['status', 'log', 'live']) {
    const scheduler = new VirtualTimeScheduler()
    const live = new Subject<ReadonlyArray<LogEntry>>()
    const source = letters(() => of('r'), { log: { window: () => of([]), live: () => live } })
    scheduler.schedule(() => live.next([]), 10)
    scheduler.schedule(() => live.complete(), 20)
    const onConnection = (connection: { readonly to: string }): void => {
      if (connection.to === to) throw slip
    }
    const { error } = recorded(scheduler, followEvents(source, 'a', { scheduler, onConnection })(ready))
    expect([to, error]).toEqual([to, slip])
    expect([live.observed, scheduler.actions]).toEqual([false, []])
  }
})

test('onConnection is told before the event', () => {
  const scheduler = new VirtualTimeScheduler()
  const told: Array<string> = []
  const onConnection = ({ to }: { readonly to: string }): unknown => told.push(`callback ${to}`)
  const source = letters(() => of('s'), { log: { window: () => of([]) } })
  followJob(source, 'a', { scheduler, onConnection })
    .pipe(filter(({ _tag }) => _tag === 'Connection'))
    .subscribe(() => told.push('event'))
  scheduler.flush()
  expect(told).toEqual(['callback status', 'event', 'callback log', 'event'])
})

test('whoever leaves at the first status has no log read', () => {
  const scheduler = new VirtualTimeScheduler()
  const log: JobLog<string> = { window: () => expect.unreachable('nobody is there'), live: () => expect.unreachable() }
  const stream = followJob(
    letters(() => of('r'), { log }),
    'a',
    { scheduler },
  )
  const first = stream.pipe(
    filter(({ _tag }) => _tag === 'Status'),
    take(1),
  )
  expect(recorded(scheduler, first)).toMatchObject({ completed: true, endedAt: 0 })
})

test('a watch that never lets go is left by who leaves', () => {
  const scheduler = new VirtualTimeScheduler()
  let looks = 0
  const source = letters(() => NEVER, {
    watch: (ref) =>
      of(0).pipe(
        repeat(),
        map(() => ({ ref, job: `r${++looks}`, phase: 'running' as const })),
      ),
  })
  const { values } = recorded(scheduler, followJob(source, 'a', { scheduler }).pipe(take(3)))
  expect([values.length, looks]).toEqual([3, 3])
})
