import { none } from 'fp-ts/lib/Option.js'
import { config, Observable, of, take, throwError } from 'rxjs'
import { type JobStatus, NetworkError, type Reading } from 'rxjobs'
import { expect, test } from 'vitest'
import { Statuses } from '../../src/streams/statuses.ts'

type Seen = Reading<string, string>
const reading = (job: string): Seen => ({ ref: 'a', job, phase: 'running' })

/** The statuses of those readings. */
const statuses = (readings: Observable<Seen>): Observable<JobStatus<string, string>> =>
  new Observable((subscriber) => readings.subscribe(new Statuses(subscriber, (a, b) => a === b, '/jobs/a')))

test('tells what is new, and ends with the job or as the readings fail', () => {
  const seen: Array<unknown> = []
  const note = {
    next: ({ _tag, job }: JobStatus<string, string>) => seen.push(`${_tag} ${job}`),
    error: (error: unknown) => seen.push(error),
    complete: () => seen.push('complete'),
  }
  const over = { ...reading('c'), phase: 'failed' as const }
  statuses(of(reading('a'), reading('a'), reading('b'), over, reading('d'))).subscribe(note)
  expect(seen.splice(0)).toEqual(['Status a', 'Status b', 'Status c', 'complete'])
  const error = new Error('no reading')
  statuses(throwError(() => error)).subscribe(note)
  expect(seen.splice(0)).toEqual([error])
  statuses(of(reading('a'))).subscribe(note)
  expect(seen).toMatchObject(['Status a', { _tag: 'NetworkError', path: '/jobs/a', trail: { running: 1 } }])
})

test('completing after the final phase is no error, nor told as one that came too late', async () => {
  const { onStoppedNotification } = config
  const first = new Promise<unknown>((resolve) => (config.onStoppedNotification = ({ kind }) => resolve(kind)))
  new Observable<JobStatus<string, string>>((subscriber) => {
    const watch = new Statuses(subscriber, (a, b) => a === b, '/jobs/a')
    watch.next({ ...reading('s'), phase: 'succeeded' })
    watch.complete()
    // rxjs tells of such things in their order, a little later: this one is the first.
    subscriber.next({ _tag: 'Status', ...reading('r') })
  }).subscribe()
  expect(await first.finally(() => (config.onStoppedNotification = onStoppedNotification))).toBe('N')
})

test('ends with its subscriber: what is added to it is undone, and a loop that looks at it stops', () => {
  let undone = 0
  let given = 0
  const endless = new Observable<Seen>((subscriber) => {
    subscriber.add(() => undone++)
    while (!subscriber.closed) subscriber.next(reading(String(given++)))
  })
  const seen: Array<string> = []
  statuses(endless)
    .pipe(take(3))
    .subscribe(({ job }) => seen.push(job))
  expect([seen, given, undone]).toEqual([['0', '1', '2'], 3, 1])
})

test('an error says what was seen before it; a comparison that fails is an error', () => {
  const defect = new RangeError('no comparison')
  const failing = new Observable<Seen>((subscriber) => {
    for (const job of ['a', 'a']) subscriber.next(reading(job))
    subscriber.error(new NetworkError({ method: 'GET', path: '/jobs/a', cause: 'cut' }))
  })
  const seen: Array<unknown> = []
  const note = { error: (error: unknown) => seen.push(error) }
  statuses(failing).subscribe(note)
  const broken = (): boolean => {
    throw defect
  }
  new Observable((subscriber) => failing.subscribe(new Statuses(subscriber, broken, '/jobs/a'))).subscribe(note)
  expect(seen).toMatchObject([{ _tag: 'NetworkError', trail: { running: 2 } }, defect])
})

test('what the caller’s onConnection throws is the error of this watch, and not of whoever told it', () => {
  const slip = new Error('a slip')
  const told: Array<unknown> = []
  const throwing = (): never => {
    throw slip
  }
  const connected = new Observable<JobStatus<string, string>>((subscriber) => {
    const heard = new Statuses(subscriber, (a, b) => a === b, '/jobs/a').heard({ onConnection: throwing })
    heard.onConnection?.({ ref: 'a', to: 'status', state: 'open', attempt: 0, waitMs: 0, error: none })
    told.push('goes on')
  })
  connected.subscribe({ error: (error: unknown) => told.push(error) })
  expect(told).toEqual([slip, 'goes on'])
})
