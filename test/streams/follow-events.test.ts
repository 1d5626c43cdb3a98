import { BehaviorSubject, NEVER, of, Subject, VirtualTimeScheduler } from 'rxjs'
import { every, type JobLog, type LogEntry } from 'rxjobs'
import { expect, test } from 'vitest'
import { followEvents } from '../../src/streams/follow-events.ts'
import { refusal } from '../apis/support.ts'
import { inTurn, letters, recorded } from './support/letters.ts'

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

test('a connection that closes by itself is a reason to look at the status at once', () => {
  const scheduler = new VirtualTimeScheduler()
  const looks: Array<number> = []
  const live = new Subject<ReadonlyArray<LogEntry>>()
  const source = letters(() => of(looks.push(scheduler.now()) === 1 ? 'r' : 's'), {
    log: { window: () => of([]), live: () => live },
  })
  scheduler.schedule(() => live.next([]), 10)
  scheduler.schedule(() => live.complete(), 700)
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

test('options that can never work are refused at the call', () => {
  const source = letters(() => NEVER)
  expect(refusal(() => followEvents(source, 'a', { deadline: -1 }))).toMatch(/^deadline/)
})
