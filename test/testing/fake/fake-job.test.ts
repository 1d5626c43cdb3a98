import { type Cadence, every, followJob, type JobSource, thenWatch, watchJob } from 'rxjobs'
import { type InfrastructureascodeJob, type GenesysJobFailure, type GenesysJobRef } from 'rxjobs/genesys'
import { fakeJob } from 'rxjobs/testing'
import { map, of, toArray } from 'rxjs'
import { expect, test } from 'vitest'
import { marbles, recorded } from '../../streams/support/letters.ts'

const minute: Cadence = every(60_000)

test('what happens when the job fails after an hour, without the hour', () => {
  const { source, ref, scheduler, isOver } = fakeJob("q 1s r 'compiling' 1h f", { latency: 0 })
  const seen = recorded(scheduler, watchJob(source, ref, { cadence: minute }))
  expect(seen.values.map(({ phase }) => phase)).toEqual(['queued', 'running', 'failed'])
  expect([seen.times, isOver()]).toEqual([[0, 60_000, 3_660_000], true])
})

test('a 429 is waited out for as long as it asks, and told', () => {
  const { source, ref, scheduler } = fakeJob('r #429/10m s', { latency: 0 })
  const told = recorded(scheduler, followJob(source, ref))
  expect(told.endedAt).toBe(600_000)
  expect(told.values.find(({ _tag }) => _tag === 'Connection')).toMatchObject({ state: 'retrying', waitMs: 600_000 })
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
  const { values } = recorded(fake.scheduler, followJob(source, fake.ref))
  expect(values.at(-1)).toMatchObject({
    outcome: { job: { status: 'Failed' }, failure: { value: { message: 'no such queue' } } },
  })
  expect('missing' in fake).toBe(false)
})

test('it runs in marbles of rxjs as well', () => {
  marbles(({ expectObservable }, scheduler) => {
    const { source, ref } = fakeJob('q 10ms r 10ms s', { scheduler, latency: 1 })
    const phases = of(ref).pipe(
      thenWatch(source, { cadence: every(9) }),
      map(({ phase }) => phase.slice(0, 1)),
    )
    expectObservable(phases).toBe('-q 9ms r 9ms (s|)')
  })
})

test('time passes as far as it is told to, and leaves the scheduler as it was', async () => {
  const fake = fakeJob('q 1s r 1s s')
  const phases: Array<string> = []
  watchJob(fake.source, fake.ref, { cadence: every(100) }).subscribe(({ phase }) => phases.push(phase))
  await fake.advance(1_500)
  expect([fake.scheduler.now(), phases, fake.inFlight('status') <= 1]).toEqual([1_500, ['queued', 'running'], true])
  expect(fake.scheduler.maxFrames).toBe(Number.POSITIVE_INFINITY)
  await fake.advance(1_000)
  expect(phases).toEqual(['queued', 'running', 'succeeded'])
  expect(recorded(fake.scheduler, fake.source.status('job').pipe(toArray())).values).toHaveLength(1)
})

test('what is no marble is refused at the call', () => {
  expect(() => fakeJob('q soon s')).toThrow(new TypeError('marbles: what is "soon s"?'))
})
