import { followJob, type JobSource, type LogEntry, cancelJob, thenWatch, watchJob } from 'rxjobs'
import { type GenesysJobFailure, type GenesysJobRef, type InfrastructureascodeJob } from 'rxjobs/genesys'
import { fakeJob } from 'rxjobs/testing'
import { map, NEVER, type Observable, of, toArray, type VirtualTimeScheduler } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { describe, expect, test } from 'vitest'
import { RequestCounter } from '../../src/testing/fake-source.ts'
import { parseMarbles } from '../../src/testing/marbles.ts'

/** Runs a stream to its end in virtual time: its values, when they came, and how it ended. */
function run<A>(scheduler: VirtualTimeScheduler, stream: Observable<A>) {
  const values: Array<A> = []
  const times: Array<number> = []
  let end: { readonly at?: number; readonly error?: unknown } = {}
  stream.subscribe({
    next: (value) => {
      values.push(value)
      times.push(scheduler.now())
    },
    error: (error: unknown) => (end = { at: scheduler.now(), error }),
    complete: () => (end = { at: scheduler.now() }),
  })
  scheduler.flush()
  return { values, times, end }
}

describe('a fake job', () => {
  test('a job that fails after an hour takes no time', () => {
    const { source, ref, scheduler, isOver } = fakeJob("q 1s r 'compiling' 1h f", { latency: 0 })
    const { values, times } = run(scheduler, watchJob(source, ref, { pollInterval: 60_000 }))
    expect(values.map(({ phase }) => phase)).toEqual(['queued', 'running', 'failed'])
    expect([times, isOver()]).toEqual([[0, 60_000, 3_660_000], true])
  })

  test('all phases can be the end', () => {
    for (const [marble, phase] of Object.entries({
      s: 'succeeded',
      f: 'failed',
      c: 'cancelled',
      k: 'skipped',
      e: 'ended',
    })) {
      const { source, ref, scheduler } = fakeJob(`r 1s ${marble}`)
      expect(run(scheduler, watchJob(source, ref)).values.at(-1)).toMatchObject({ phase, job: { phase } })
    }
  })

  test('a 429 is retried after at least as long as it asks, and reported', () => {
    const { source, ref, scheduler } = fakeJob('r #429/10m s', { latency: 0 })
    const { values, end } = run(scheduler, followJob(source, ref))
    expect(end.at).toBeGreaterThanOrEqual(600_000)
    const retrying = values.find((event) => event._tag === 'Connection' && event.state === 'retrying')
    expect(retrying).toMatchObject({ retryInMs: end.at, error: { status: 429 } })
  })

  test("a job of a real service's types", () => {
    const fake = fakeJob('r 1s f', {
      as: {
        ref: { jobId: 'a-job' },
        job: (phase): InfrastructureascodeJob => ({
          id: 'a-job',
          dryRun: false,
          status: phase === 'failed' ? 'Failed' : 'Running',
        }),
        failure: { message: 'no such queue' },
      },
    })
    const source: JobSource<GenesysJobRef, InfrastructureascodeJob, GenesysJobFailure> = fake.source
    const { values } = run(fake.scheduler, followJob(source, fake.ref))
    expect(values.at(-1)).toMatchObject({
      outcome: { job: { status: 'Failed' }, failure: { message: 'no such queue' } },
    })
    expect('missing' in fake).toBe(false)
  })

  test.each<[given: object, says: string]>([
    [{ latencyMs: 5 }, 'fakeJob: unknown option latencyMs; there are as, scheduler, latency, log, cancelled'],
    [{ latency: '5' }, 'fakeJob: latency must be a number from 0 up, was a string'],
    [{ log: 'tail' }, 'fakeJob: log must be one of stream, after, read, was a string'],
  ])('the options %o are refused', (given, says) => {
    expect(() => fakeJob('r 1s s', given)).toThrow(new TypeError(says))
  })

  test("it runs in rxjs's marble tests", () => {
    const scheduler = new TestScheduler((actual: unknown, expected: unknown) => expect(actual).toEqual(expected))
    scheduler.run(({ expectObservable }) => {
      const { source, ref } = fakeJob('q 10ms r 10ms s', { scheduler, latency: 1 })
      const phases = of(ref).pipe(
        thenWatch(source, { pollInterval: 9 }),
        map(({ phase }) => phase.slice(0, 1)),
      )
      expectObservable(phases).toBe('-q 9ms r 9ms (s|)')
    })
  })

  test('advance lets exactly that time pass, and leaves the scheduler as it was', async () => {
    const fake = fakeJob('q 1s r 1s s')
    const phases: Array<string> = []
    watchJob(fake.source, fake.ref, { pollInterval: 100 }).subscribe(({ phase }) => phases.push(phase))
    await fake.advance(1_500)
    expect([fake.scheduler.now(), phases, fake.inFlight('status') <= 1]).toEqual([1_500, ['queued', 'running'], true])
    expect(fake.scheduler.maxFrames).toBe(Number.POSITIVE_INFINITY)
    await fake.advance(1_000)
    expect(phases).toEqual(['queued', 'running', 'succeeded'])
    expect(run(fake.scheduler, fake.source.status('job').pipe(toArray())).values).toHaveLength(1)
  })
})

describe('its source', () => {
  test('a response has the state of the moment when it is sent', () => {
    const { source, scheduler } = fakeJob('q 100ms r 1s f', { latency: 100 })
    const { values, times } = run(scheduler, source.status('job'))
    expect([values, times]).toEqual([[{ job: { phase: 'running' }, phase: 'running' }], [100]])
  })

  test('a fault fails one request, another reference is 404, and there is a reason once the job failed', () => {
    const { source, scheduler } = fakeJob('r 1s #503 1s f', { latency: 1_000 })
    const failure = () => run(scheduler, source.failure('job', { phase: 'running' }))
    expect(failure().end.error).toMatchObject({ _tag: 'HttpError', status: 503, path: '/jobs/job' })
    expect(failure().values).toEqual(['it failed'])
    expect(run(scheduler, source.status('other')).end.error).toMatchObject({ status: 404, path: '/jobs/other' })
    const early = fakeJob('r 1s f')
    expect(run(early.scheduler, early.source.failure('job', { phase: 'running' })).values).toEqual([undefined])
  })

  test('a cancellation is one POST, and the job follows other marbles from then on', () => {
    const { source, scheduler, posts, isOver } = fakeJob('r 1h s', { cancelled: '10s f' })
    const cancel = source.cancel('job')
    expect(posts()).toBe(0)
    expect(run(scheduler, cancel)).toMatchObject({ values: [], end: { at: 100 } })
    expect([posts(), isOver()]).toEqual([1, false])
    scheduler.frame = 10_100
    expect(isOver()).toBe(true)
  })

  test('cancelJob accepts it; by default the job is cancelled at once', () => {
    const { source, ref, scheduler, posts } = fakeJob('r 1h s')
    const { values } = run(scheduler, cancelJob(source, ref))
    expect(values.at(-1)).toMatchObject({ phase: 'cancelled' })
    expect([posts(), scheduler.now() < 60_000]).toEqual([1, true])
  })

  test('requests are counted while they are subscribed to, and the most at once is kept', () => {
    const counter = new RequestCounter()
    const status = counter.count('status', NEVER)
    expect(counter.inFlight()).toBe(0)
    const first = status.subscribe()
    const second = counter.count('log', NEVER).subscribe()
    counter.count('log', of(1)).subscribe()
    const kinds = ['status', 'log', 'live'] as const
    expect([counter.inFlight(), ...kinds.map((kind) => counter.inFlight(kind))]).toEqual([2, 1, 1, 0])
    first.unsubscribe()
    second.unsubscribe()
    expect([counter.inFlight(), counter.mostInFlight()]).toEqual([0, 3])
    expect(kinds.map((kind) => counter.mostInFlight(kind))).toEqual([1, 2, 0])
  })
})

describe('its log', () => {
  const marbles = "r 'a' 1s 'b' 'c' 1s x 1s 'd' s"
  const texts = (entries: ReadonlyArray<LogEntry>): string => entries.map(({ data }) => data).join('')

  test('a read gives the last lines so far', async () => {
    const { source, advance, scheduler } = fakeJob(marbles, { latency: 5 })
    await advance(1_500)
    const read = (maxLines: number) => run(scheduler, source.log.read('job', maxLines)).values.map(texts)
    expect([read(10), read(2)]).toEqual([['abc'], ['bc']])
  })

  test('an open connection gives the lines so far, then each line when it is written, and breaks or ends', () => {
    const { source, scheduler } = fakeJob(marbles, { latency: 5 })
    const { values, times, end } = run(scheduler, source.log.stream?.('job') ?? expect.unreachable())
    expect(values.map(texts)).toEqual(['', 'a', 'bc'])
    expect(times).toEqual([5, 5, 1_000])
    expect(end).toMatchObject({ at: 2_000, error: { _tag: 'NetworkError' } })
  })

  test('an open connection gives what a cancellation changes', () => {
    const { source, scheduler } = fakeJob("r 'a' 1h s", { latency: 5, cancelled: "'stopped' f" })
    scheduler.schedule(() => source.cancel('job').subscribe(), 1_000)
    const { values, end } = run(scheduler, source.log.stream?.('job') ?? expect.unreachable())
    expect([values.map(texts), end]).toEqual([['', 'a', 'stopped'], { at: 1_005 }])
  })

  test('the option log says which methods there are', () => {
    const { source, scheduler } = fakeJob("'a' 'b' 'c' s", { log: 'after' })
    const after = source.log.after?.('job', 1) ?? expect.unreachable()
    expect(run(scheduler, after).values).toMatchObject([{ entries: [{ data: 'b' }, { data: 'c' }], nextOffset: 3 }])
    expect(Object.keys(fakeJob('s', { log: 'read' }).source.log)).toEqual(['read'])
    const streamed = fakeJob("'a' 2>'b' s")
    expect(Object.keys(streamed.source.log)).toEqual(['read', 'stream', 'download'])
    const download = streamed.source.log.download?.('job') ?? expect.unreachable()
    expect(run(streamed.scheduler, download).values.flat()).toEqual(['a', 'b'])
  })
})

describe('its life', () => {
  test('follows its marbles at each moment, and begins queued', async () => {
    const { advance, lines, isOver, source, scheduler } = fakeJob("1s r 'one' 1s 'two' s", { latency: 0 })
    const seen: Array<unknown> = []
    for (const ms of [0, 999, 1, 1_000]) {
      await advance(ms)
      seen.push([scheduler.now(), run(scheduler, source.status('job')).values[0]?.phase, isOver(), lines().length])
    }
    expect(seen).toEqual([
      [0, 'queued', false, 0],
      [999, 'queued', false, 0],
      [1_000, 'running', false, 1],
      [2_000, 'succeeded', true, 2],
    ])
  })

  test('a fault happens once: responses to requests only, breaks to an open connection first', async () => {
    const { advance, source, scheduler } = fakeJob('1s #503 x 1s s', { latency: 0 })
    const errors: Array<unknown> = []
    source.log.stream?.('job').subscribe({ error: (error: unknown) => errors.push(error) })
    await advance(1_000)
    expect(errors).toMatchObject([{ _tag: 'NetworkError' }])
    expect(run(scheduler, source.status('job')).end.error).toMatchObject({ status: 503 })
    expect(run(scheduler, source.status('job')).values).toHaveLength(1)
  })

  test('a cancellation keeps the past and replaces the future; a job that is over is not changed', async () => {
    const { advance, source, lines, scheduler, isOver } = fakeJob("r 'one' 5s 'two' x s", {
      latency: 0,
      cancelled: "'stopping' 2s f",
    })
    await advance(1_000)
    run(scheduler, source.cancel('job'))
    expect(lines()).toEqual(['one', 'stopping'])
    await advance(1_999)
    expect(isOver()).toBe(false)
    await advance(1)
    const { values } = run(scheduler, source.status('job'))
    expect(values).toMatchObject([{ phase: 'failed' }])
    await advance(6_000)
    run(scheduler, source.cancel('job'))
    expect(lines()).toEqual(['one', 'stopping'])
    expect(run(scheduler, source.status('job')).values).toEqual(values)
  })
})

describe('marbles', () => {
  test('phases, lines and times, in order', () => {
    expect(parseMarbles("q 1.5s r 'one' 200ms 2>'two, with spaces' 1m 2h s 'after the end'")).toMatchObject({
      phases: [
        { at: 0, phase: 'queued' },
        { at: 1_500, phase: 'running' },
        { at: 7_261_700, phase: 'succeeded' },
      ],
      lines: [
        { at: 1_500, source: 'stdout', timestamp: '1970-01-01T00:00:01.500Z', data: 'one' },
        { at: 1_700, source: 'stderr', timestamp: '1970-01-01T00:00:01.700Z', data: 'two, with spaces' },
        { at: 7_261_700, data: 'after the end' },
      ],
      faults: [],
    })
  })

  test('all phases', () => {
    expect(parseMarbles('q r u f').phases.map(({ phase }) => phase)).toEqual(['queued', 'running', 'unknown', 'failed'])
    const ends = ['s', 'c', 'k', 'e'].flatMap((marble) => parseMarbles(marble).phases)
    expect(ends.map(({ phase }) => phase)).toEqual(['succeeded', 'cancelled', 'skipped', 'ended'])
  })

  test('faults are breaks and responses, with their Retry-After', () => {
    const { faults } = parseMarbles('1s x #503 #429/30s #404')
    expect(faults.map(({ at, breaks }) => [at, breaks])).toEqual([
      [1_000, true],
      [1_000, false],
      [1_000, false],
      [1_000, false],
    ])
    expect(faults.map(({ error }) => error({ method: 'GET', path: '/jobs/job' }))).toMatchObject([
      { _tag: 'NetworkError', path: '/jobs/job' },
      { _tag: 'HttpError', status: 503, retryAfter: undefined },
      { status: 429, retryAfter: 30_000 },
      { status: 404 },
    ])
  })

  test.each([
    ['q 1', '"1" is not a marble'],
    ['q then s', '"then s" is not a marble'],
    ["q 'open", '"\'open" is not a marble'],
    ['q 1s s r', 'goes on after its end'],
    ['q1s', '"q1s" is not a marble'],
  ])('%j is refused synchronously', (marbles, words) => {
    expect(() => fakeJob(marbles)).toThrow(TypeError)
    expect(() => fakeJob(marbles)).toThrow(/^fakeJob: /)
    expect(() => fakeJob(marbles)).toThrow(words)
  })

  test('marbles can begin later', () => {
    expect(parseMarbles('1s f', 500).phases).toEqual([{ at: 1_500, phase: 'failed' }])
  })
})
