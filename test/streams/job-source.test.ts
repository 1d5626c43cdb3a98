import { firstValueFrom, lastValueFrom, of, throwError, VirtualTimeScheduler } from 'rxjs'
import {
  type Connection,
  followJob,
  HttpError,
  type JobSource,
  NetworkError,
  jobSource,
  pooled,
  watchJob,
} from 'rxjobs'
import { expect, test } from 'vitest'
import { refusal } from '../apis/support.ts'
import { inTurn, phaseOf, recorded } from './support/letters.ts'

interface Ref {
  readonly room: string
  readonly no: number
}
const ref: Ref = { room: 'a', no: 7 }

test('two functions make a source', async () => {
  const source = jobSource({ status: ({ no }: Ref) => of(`r${no}`), phase: phaseOf })
  expect(await firstValueFrom(source.status(ref))).toEqual({ job: 'r7', phase: 'running' })
  expect(source.refOf(ref)).toEqual(ref)
  expect(source.keyOf(ref)).toBe('{"room":"a","no":7}')
})

test('it is followed to its end', () => {
  const scheduler = new VirtualTimeScheduler()
  const job = inTurn('q', 'r', 'f')
  const source = jobSource({ status: ({ no }: Ref) => of(`${job()}${no}`), phase: phaseOf })
  const { values } = recorded(scheduler, followJob(source, ref, { scheduler }))
  expect(values.map(({ _tag }) => _tag)).toEqual(['Connection', 'Status', 'Status', 'Status', 'Settled'])
  expect(values.at(-1)).toMatchObject({ outcome: { ref, phase: 'failed', failure: 'f7' } })
})

test('what fetch rejects with is a failure of the network: it is tried again, and reported as one', () => {
  const scheduler = new VirtualTimeScheduler()
  const job = inTurn('fails', 'throws', 's')
  const source = jobSource({
    status: () => {
      const now = job()
      if (now === 'throws') throw new Error('socket hang up')
      return now === 'fails' ? throwError(() => new TypeError('fetch failed')) : of(now)
    },
    phase: phaseOf,
  })
  const reported: Array<string> = []
  const onConnection = ({ error }: Connection): void => void reported.push(error === undefined ? 'open' : String(error))
  const { values, completed } = recorded(scheduler, watchJob(source, ref, { scheduler, onConnection }))
  expect([values.map(({ phase }) => phase), completed]).toEqual([['succeeded'], true])
  expect(reported).toEqual([expect.stringContaining('fetch failed'), expect.stringContaining('socket hang up'), 'open'])
  const { error } = recorded(
    scheduler,
    watchJob(failing(new Error('no')), ref, { scheduler, retry: { maxAttempts: 1 } }),
  )
  expect(error).toBeInstanceOf(NetworkError)
})

test('an error of this package stays what it is', () => {
  const scheduler = new VirtualTimeScheduler()
  const refused = new HttpError({ method: 'GET', path: '/rooms', status: 403 })
  expect(recorded(scheduler, watchJob(failing(refused), ref, { scheduler })).error).toBe(refused)
})

const failing = (error: unknown): JobSource<Ref, string, string> =>
  jobSource({ status: () => throwError(() => error), phase: phaseOf })

test('a promise will do, and a phase that is none is a TypeError of the stream that names it', () => {
  const scheduler = new VirtualTimeScheduler()
  // @ts-expect-error what JavaScript can give all the same
  const source = jobSource({ status: () => of('done'), phase: (job: string) => job })
  const words = 'the source gave the phase "done"; there are queued, running, unknown, succeeded, failed'
  expect(String(recorded(scheduler, watchJob(source, 'a', { scheduler })).error)).toContain(words)
  const pool = pooled(source, { requestsPerMinute: 60, scheduler })
  expect(String(recorded(scheduler, watchJob(pool, 'a')).error)).toContain(words)
  expect(scheduler.actions).toEqual([])
})

test('a status that is a promise is read as an Observable is', async () => {
  const source = jobSource({ status: (no: number) => Promise.resolve(`s${no}`), phase: phaseOf })
  expect(await lastValueFrom(watchJob(source, 7))).toMatchObject({ job: 's7', phase: 'succeeded' })
})

const noLog = { read: () => of([]) }
test.each<[given: object, was: string]>([
  [{}, 'was {  }'],
  [{ status: '/jobs/7', phase: phaseOf }, 'was { status: string, phase: function }'],
  [{ status: () => of('r') }, 'was { status: function }'],
  [{ status: () => of('r'), phase: phaseOf, log: noLog }, 'was { status: function, phase: function, log: object }'],
])('%o is refused at once, with what to do', (given, was) => {
  expect(refusal(() => Reflect.apply(jobSource, undefined, [given]))).toBe(
    `jobSource: it takes two functions, { status, phase }; for more spread what it gives, { ...jobSource({ status, phase }), log }; ${was}`,
  )
})

test.each<[gives: unknown, was: string]>([
  ['r', 'a string'],
  [undefined, 'undefined'],
  [['r'], 'an array'],
  [{ state: 'r' }, 'an object with the keys ["state"]'],
])('a status that gives %o ends the stream at once', (gives, was) => {
  const scheduler = new VirtualTimeScheduler()
  // @ts-expect-error JavaScript has no compiler to refuse it
  const source = jobSource({ status: () => gives, phase: phaseOf })
  expect(recorded(scheduler, watchJob(source, 'a', { scheduler }))).toMatchObject({
    error: new TypeError(`jobSource: status must give an Observable or a promise, was ${was}`),
    endedAt: 0,
  })
})
