import { defer, map, NEVER, of, take, throwError, timer, VirtualTimeScheduler } from 'rxjs'
import { type JobEvent, type JobLog, type LogEntry, followJob } from 'rxjobs'
import { expect, test, vi } from 'vitest'
import { answered, inTurn, letters, recorded } from './support/letters.ts'

type Event = JobEvent<string, string, string>

const entry = (data: string): LogEntry => ({ source: 'stdout', timestamp: '', data })

/** A counted log of which each read shows one line more. */
function growing(...data: ReadonlyArray<string>): JobLog<string> {
  let shown = 0
  const since = (_: string, next: number) =>
    defer(() => {
      shown = Math.min(shown + 1, data.length)
      return of({ entries: data.slice(next, shown).map(entry), nextOffset: shown })
    })
  return { read: () => expect.unreachable('the log is counted'), after: since }
}

const brief = (event: Event): string => {
  switch (event._tag) {
    case 'Status':
      return event.phase
    case 'Line':
      return `${event.index} ${event.data}`
    case 'Gap':
      return `gap ${event.reason}`
    case 'Connection':
      return `${event.channel} ${event.state}`
    case 'Settled':
      return `settled ${event.outcome.phase}`
  }
}

test('statuses, lines and connections as they happen, the log drained after the end, Settled last', () => {
  const scheduler = new VirtualTimeScheduler()
  const job = inTurn('q', 'r', 's')
  const source = letters(() => timer(5, scheduler).pipe(map(job)), { log: growing('a', 'b', 'c', 'd', 'e') })
  const { values, completed } = recorded(scheduler, followJob(source, 'a', { scheduler, pollInterval: 100 }))
  expect(values.map(brief)).toEqual([
    'status open',
    'queued',
    'log open',
    '0 a',
    '1 b',
    'running',
    '2 c',
    'succeeded',
    '3 d',
    '4 e',
    'settled succeeded',
  ])
  expect(completed).toBe(true)
  expect(values.every(({ ref }) => ref === 'a')).toBe(true)
})

test('failures in passing are events, with their errors, in their place', () => {
  const scheduler = new VirtualTimeScheduler()
  const step = inTurn('q', '!', 's')
  const status = () =>
    defer(() => {
      const job = step()
      return job === '!' ? throwError(() => answered(503, 400)) : of(job)
    })
  const onConnection = vi.fn()
  const stream = followJob(letters(status), 'a', { scheduler, pollInterval: 100, random: () => 0, onConnection })
  const { values } = recorded(scheduler, stream)
  expect(values.map(brief)).toEqual([
    'status open',
    'queued',
    'status retrying',
    'status open',
    'succeeded',
    'settled succeeded',
  ])
  expect(values[2]).toMatchObject({ ref: 'a', attempt: 1, retryInMs: 400, error: answered(503, 400) })
  expect(onConnection).toHaveBeenCalledTimes(3)
})

test('the reason of a failure is read once, at the end', () => {
  const scheduler = new VirtualTimeScheduler()
  const failure = vi.fn(() => of('out of memory'))
  const job = inTurn('r', 'f')
  const source = letters(() => of(job()), { failure, log: growing('a') })
  const { values } = recorded(scheduler, followJob(source, 'a', { scheduler }))
  const outcome = { ref: 'a', job: 'f', phase: 'failed', failure: 'out of memory' }
  expect(values.at(-1)).toEqual({ _tag: 'Settled', ref: 'a', outcome })
  expect(failure.mock.calls).toEqual([['a', 'f']])
})

test('a reason that cannot be read is reported beside the end, and does not fail the stream', () => {
  const scheduler = new VirtualTimeScheduler()
  const source = letters(() => of('f'), { failure: () => throwError(() => answered(403)) })
  const { values, completed } = recorded(scheduler, followJob(source, 'a', { scheduler }))
  const outcome = { ref: 'a', job: 'f', phase: 'failed', failureError: answered(403) }
  expect(values.at(-1)).toEqual({ _tag: 'Settled', ref: 'a', outcome })
  expect(completed).toBe(true)
})

test('there is no Settled where the stream fails', () => {
  const scheduler = new VirtualTimeScheduler()
  const gone = recorded(
    scheduler,
    followJob(
      letters(() => throwError(() => answered(404))),
      'a',
      { scheduler },
    ),
  )
  expect(gone).toMatchObject({ values: [], completed: false, error: { status: 404 } })
  const job = inTurn('q', 'r')
  const slow = followJob(
    letters(() => of(job())),
    'a',
    { scheduler, deadline: 5_000, pollInterval: 1_000 },
  )
  const late = recorded(scheduler, slow)
  expect(late.values.map(brief)).toEqual(['status open', 'queued', 'running'])
  expect(late.error).toMatchObject({ _tag: 'DeadlineError', deadline: 5_000, last: { job: 'r' } })
})

test('unsubscribing leaves no timer and no request, at whatever moment', () => {
  for (const leaveAt of [1, 60, 130, 250]) {
    const scheduler = new VirtualTimeScheduler()
    const log: JobLog<string> = { read: () => timer(30, scheduler).pipe(map(() => [])), stream: () => NEVER }
    const source = letters(() => timer(50, scheduler).pipe(map(() => 'r')), { log })
    const subscription = followJob(source, 'a', { scheduler, pollInterval: 100, deadline: 9_000 }).subscribe()
    scheduler.schedule(() => {
      expect(scheduler.actions.length).toBeGreaterThan(0)
      subscription.unsubscribe()
      expect(scheduler.actions).toEqual([])
    }, leaveAt)
    scheduler.flush()
    expect(scheduler.now()).toBe(leaveAt)
  }
})

test('a subscriber that has enough leaves within that event: nothing comes after it and no timer is left', () => {
  const run = (enough: number): ReadonlyArray<string> => {
    const scheduler = new VirtualTimeScheduler()
    const job = inTurn('q', 'r', 's')
    const source = letters(() => of(job()), { log: growing('a', 'b', 'c') })
    const stream = followJob(source, 'a', { scheduler, pollInterval: 100 }).pipe(take(enough))
    const { values, completed } = recorded(scheduler, stream)
    expect([completed, scheduler.actions]).toEqual([true, []])
    return values.map(brief)
  }
  const whole = run(Number.POSITIVE_INFINITY)
  expect(whole.at(-1)).toBe('settled succeeded')
  for (let enough = 1; enough < whole.length; enough++) expect(run(enough)).toEqual(whole.slice(0, enough))
})

test('tries for the reason of a failure are events, and a connection that is open is not reported again', () => {
  const scheduler = new VirtualTimeScheduler()
  const step = inTurn('!', '!', 'out of memory')
  const failure = () =>
    defer(() => {
      const why = step()
      return why === '!' ? throwError(() => answered(503, 400)) : of(why)
    })
  const reported: Array<string> = []
  const options = { scheduler, onConnection: ({ state }: { readonly state: string }): unknown => reported.push(state) }
  const { values } = recorded(
    scheduler,
    followJob(
      letters(() => of('f'), { failure }),
      'a',
      options,
    ),
  )
  expect(values.map(brief)).toEqual([
    'status open',
    'failed',
    'status retrying',
    'status retrying',
    'status open',
    'settled failed',
  ])
  expect(reported).toEqual(['open', 'retrying', 'retrying', 'open'])

  const quick = letters(() => of('f'), { failure: () => of(undefined) })
  expect(recorded(scheduler, followJob(quick, 'a', { scheduler })).values.map(brief)).toEqual([
    'status open',
    'failed',
    'settled failed',
  ])
})
