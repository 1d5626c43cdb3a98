import fc from 'fast-check'
import { interval, NEVER, of, take, throwError, timer, VirtualTimeScheduler } from 'rxjs'
import { HttpError, watchJob } from 'rxjobs'
import {
  type ConformanceCheck,
  ConformanceError,
  ConformanceSkipped,
  fakeJob,
  observedScheduler,
  testConformance,
} from 'rxjobs/testing'
import { describe, expect, test, vi } from 'vitest'
import { assert, skipUnless } from '../../src/testing/conformance-types.ts'
import { findSecrets } from '../../src/testing/find-secrets.ts'
import { isLogPiece, type LogPiece, offsetsAfter } from '../../src/testing/log-offsets.ts'
import { endOf, Probe, readsOf, streamOf } from '../../src/testing/probe.ts'

describe('a probe', () => {
  function service(overAt: number, inFlight = 0) {
    const scheduler = new VirtualTimeScheduler()
    return {
      scheduler: observedScheduler(scheduler),
      advance: (ms: number) => {
        scheduler.maxFrames = scheduler.frame + ms
        scheduler.flush()
        scheduler.frame = scheduler.maxFrames
        return Promise.resolve()
      },
      isOver: () => scheduler.now() >= overAt,
      inFlight: () => inFlight,
      mostInFlight: () => inFlight,
      close: () => undefined,
      within: 10_000,
    }
  }

  test('keeps the values, the end, and whether the job was over then', async () => {
    const some = service(50)
    const early = await new Probe(some, timer(20, some.scheduler)).run()
    expect(early).toMatchObject({ values: [0], end: { how: 'completed', jobWasOver: false }, stalled: false })
    const late = await new Probe(some, timer(100, some.scheduler)).run()
    expect(late.end).toEqual({ how: 'completed', jobWasOver: true })
    const error = new Error('why')
    const failed = new Probe(
      some,
      throwError(() => error),
    )
    expect(endOf(failed)).toEqual({ how: 'failed', error, jobWasOver: true })
  })

  test('stops waiting at the condition, at the end of the stream, and when time is up', async () => {
    const some = service(Number.POSITIVE_INFINITY, 1)
    const { scheduler } = some
    const probe = new Probe(some, NEVER)
    expect(await probe.until(() => scheduler.now() >= 30)).toBe(true)
    expect(scheduler.now()).toBeLessThan(40)
    expect(await probe.until(() => false)).toBe(false)
    expect(scheduler.now()).toBeGreaterThanOrEqual(10_000)
    expect(() => endOf(probe)).toThrow(new ConformanceSkipped('the stream did not end (G4)'))
    expect(await new Probe(some, of(1)).until(() => false)).toBe(false)
  })

  test('finds a stream that waits for nothing, but not once the job is over', async () => {
    const probe = await new Probe(service(Number.POSITIVE_INFINITY), NEVER).run()
    expect(probe.stalled).toBe(true)
    expect(() => endOf(probe)).toThrow(ConformanceSkipped)
    expect((await new Probe(service(0), NEVER).run()).stalled).toBe(false)
    const waiting = service(Number.POSITIVE_INFINITY)
    const waited = await new Probe(waiting, timer(9_000, waiting.scheduler)).run()
    expect([waited.stalled, waited.end?.how]).toEqual([false, 'completed'])
  })

  test('gets nothing after unsubscribing', async () => {
    const some = service(0)
    const probe = new Probe(some, timer(5, 5, some.scheduler))
    await probe.until(() => probe.values.length === 2)
    probe.unsubscribe()
    await some.advance(100)
    expect([probe.values, some.scheduler.pending]).toEqual([[0, 1], 0])
  })

  test('a stream is not subscribed to when it is made; its connection events are kept with their times', async () => {
    const fake = fakeJob('q 1s #503 r 1m s')
    const stream = streamOf({ ...fake, stream: (ref, options) => watchJob(fake.source, ref, options) })
    expect(fake.scheduler.actions).toEqual([])
    const { end } = await stream.subscribe().run()
    expect(end?.how).toBe('completed')
    expect(stream.connections.map(({ state }) => state)).toEqual(['open', 'retrying', 'open'])
    expect(stream.connections[1]?.at).toBeGreaterThanOrEqual(1_000)
  })

  test('the reads of a source are those that it has', () => {
    const fake = fakeJob('s')
    const names = ['status', 'log.read', 'log.stream', 'log.download']
    expect(readsOf(fake, 'job').map(([name]) => name)).toEqual(names)
    const counted = fakeJob('s', { log: 'after' })
    expect(readsOf(counted, 'job').map(([name]) => name)).toEqual(['status', 'log.read', 'log.after'])
    const { log, ...bare } = fake.source
    expect(log).toBeDefined()
    expect(readsOf({ source: bare }, 'job').map(([name]) => name)).toEqual(['status'])
  })
})

describe('an observed scheduler', () => {
  test('a timer counts until it is due or stopped', () => {
    const time = new VirtualTimeScheduler()
    const scheduler = observedScheduler(time)
    const seen: Array<string> = []
    scheduler.schedule((text) => seen.push(text), 10, 'due')
    const stopped = scheduler.schedule(() => seen.push('never'), 20)
    expect([scheduler.pending, scheduler.total]).toEqual([2, 2])
    stopped.unsubscribe()
    expect(scheduler.pending).toBe(1)
    time.flush()
    expect([seen, scheduler.pending, scheduler.total, scheduler.now()]).toEqual([['due'], 0, 2, 10])
  })

  test('a timer that schedules itself again is one timer, until it stops', () => {
    const time = new VirtualTimeScheduler()
    const scheduler = observedScheduler(time)
    const pending: Array<number> = []
    interval(5, scheduler)
      .pipe(take(3))
      .subscribe(() => pending.push(scheduler.pending))
    expect(scheduler.pending).toBe(1)
    time.flush()
    expect([pending, scheduler.pending, scheduler.now()]).toEqual([[0, 0, 0], 0, 15])
  })

  test('a stopped timer cannot be scheduled again', () => {
    const time = new VirtualTimeScheduler()
    const scheduler = observedScheduler(time)
    let runs = 0
    scheduler.schedule(function () {
      runs++
      this.unsubscribe()
      this.schedule(undefined, 5)
      expect(scheduler.pending).toBe(0)
    })
    time.flush()
    expect(runs).toBe(1)
  })

  test('a scheduler is observed once', () => {
    const scheduler = observedScheduler(new VirtualTimeScheduler())
    expect(observedScheduler(scheduler)).toBe(scheduler)
  })
})

describe('offsets in a log', () => {
  const gap: LogPiece = { _tag: 'Gap' }
  const piece = (text: string): LogPiece => (text === '~' ? gap : { _tag: 'Line', data: text })
  const after = (log: string, pieces: string) => {
    const { offsets, wrong } = offsetsAfter(Array.from(log), Array.from(pieces, piece))
    return wrong === undefined ? [...offsets].sort((a, b) => a - b) : `wrong at ${wrong}`
  }

  test.each([
    ['abc', '', [0]],
    ['abc', 'ab', [2]],
    ['abc', 'ac', 'wrong at 1'],
    ['abc', 'aab', 'wrong at 1'],
    ['abc', 'a~', [1, 2, 3]],
    ['abc', '~c', [3]],
    ['abab', '~b', [2, 4]],
    ['abab', '~bb', 'wrong at 2'],
    ['abc', 'abcd', 'wrong at 3'],
  ])('in the log %j the elements %j lead to %j', (log, pieces, expected) => {
    expect(after(log, pieces)).toEqual(expected)
  })

  test('a log without any of its lines fits with a gap, and does not fit without one', () => {
    const lines = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 3, maxLength: 30 })
    fc.assert(
      fc.property(lines, fc.nat(), (log, at) => {
        const missing = 1 + (at % (log.length - 2))
        const told = log.map((data, index): LogPiece => (index === missing ? gap : { _tag: 'Line', data }))
        expect(offsetsAfter(log, told)).toEqual({ offsets: new Set([log.length]) })
        const silent = told.filter(({ _tag }) => _tag === 'Line')
        expect(offsetsAfter(log, silent).wrong).toBe(missing)
      }),
      { seed: 11 },
    )
  })

  test('lines and gaps are recognised by their tags', () => {
    const line = { _tag: 'Line', data: 'a' }
    expect(
      [undefined, null, 0, 'Line', {}, { _tag: 'Line' }, { _tag: 'Status' }, line, gap].filter(isLogPiece),
    ).toEqual([line, gap])
  })
})

describe('secrets', () => {
  const secret = 'a-long-secret'
  const hidden = Object.defineProperty({}, 'hidden', { value: secret, enumerable: false })
  const cyclic: { self?: unknown; text: string } = { text: secret }
  cyclic.self = cyclic
  const harmless: Array<unknown> = []
  harmless.push(harmless)

  test.each<[where: string, value: unknown]>([
    ['in a string', `Bearer ${secret}`],
    ['in a property', { deep: [{ key: secret }] }],
    ['in the name of a property', { [secret]: 1 }],
    ['under a symbol', { [Symbol('key')]: secret }],
    ['in a property that JSON leaves out', hidden],
    ['only in JSON', { toJSON: () => secret }],
    ['in a cycle', cyclic],
    ['in a Map', new Map([['key', { secret }]])],
    ['in a Set', new Set([secret])],
    ["in an error's message", new Error(secret)],
    ["in an error's cause", new Error('x', { cause: { secret } })],
    ['in the body of an ApiError', new HttpError({ method: 'GET', path: '/', status: 400, body: { secret } })],
    ['in a property of a function', Object.assign(() => 0, { secret })],
  ])('a secret is found %s', (_, value) => expect(findSecrets([value], ['another-secret', secret])).toEqual([secret]))

  test.each<[what: string, value: unknown]>([
    ['nothing', undefined],
    ['a cycle without it', harmless],
    ['the scope of a function', () => secret],
    ['bytes', new TextEncoder().encode(secret)],
    ['a part of it', secret.slice(1)],
  ])('no secret is found in %s', (_, value) => expect(findSecrets(value, [secret])).toEqual([]))
})

describe('checks as tests', () => {
  const checks: ReadonlyArray<ConformanceCheck> = [
    { name: 'holds', check: () => Promise.resolve() },
    { name: 'broken', check: () => Promise.reject(new Error('how')) },
    { name: 'skipped', check: () => Promise.reject(new ConformanceSkipped('why')) },
  ]

  test('each check is one test: it passes, fails, or is skipped with its reason', async () => {
    const done: Array<string> = []
    const bodies: Array<() => Promise<void>> = []
    const skip = vi.fn()
    testConformance((name, body) => bodies.push(() => body({ skip }).then(() => void done.push(name))), checks)
    const results = await Promise.allSettled(bodies.map((body) => body()))
    expect(done).toEqual(['holds', 'skipped'])
    expect(results[1]).toMatchObject({ status: 'rejected', reason: { message: 'how' } })
    expect(skip.mock.calls).toEqual([['why']])
  })

  describe("with vitest's own test", () => testConformance(test, checks.slice(0, 1)))

  test('a failed check and a skipped one are told apart by tag and by class', () => {
    expect(() => assert(false, () => 'seen twice')).toThrow(new ConformanceError('seen twice'))
    expect(() => skipUnless(false, 'no lines')).toThrow(new ConformanceSkipped('no lines'))
    assert(true, () => expect.unreachable('the message is made only when it is needed'))
    skipUnless(true, 'there is something to check')
    expect([new ConformanceError('a')._tag, new ConformanceSkipped('a')._tag]).toEqual([
      'ConformanceError',
      'ConformanceSkipped',
    ])
    expect(new ConformanceSkipped('a')).not.toBeInstanceOf(ConformanceError)
  })
})
