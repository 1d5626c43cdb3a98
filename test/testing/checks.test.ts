import { defer, of } from 'rxjs'
import { watchJob } from 'rxjobs'
import { fakeJob } from 'rxjobs/testing'
import { expect, test } from 'vitest'
import { readsOf, streamOf, trialOf, withFresh } from '../../src/testing/checks.ts'

test('a stream is made and not subscribed to; what is told of its connections is kept', async () => {
  const fake = fakeJob('q 1s #503 s')
  const stream = streamOf({ ...fake, stream: (ref, options) => watchJob(fake.source, ref, options) })
  expect(fake.scheduler.actions).toEqual([])
  const { end } = await stream.subscribe().run()
  expect(end?.how).toBe('completed')
  expect(stream.connections.map(({ state }) => state)).toEqual(['open', 'retrying', 'open'])
})

test('a fresh service is closed, whatever came of it', async () => {
  const done: Array<string> = []
  const setup = () => Promise.resolve({ close: () => void done.push('closed') })
  expect(await withFresh(setup, () => Promise.resolve('used'))).toBe('used')
  await expect(withFresh(setup, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(done).toEqual(['closed', 'closed'])
})

test('the reads of a source are those that it has', async () => {
  const fake = fakeJob('s')
  expect(readsOf(fake, 'job').map(([name]) => name)).toEqual(['status', 'log.window', 'log.live', 'log.full'])
  const counted = fakeJob('s', { log: 'counted' })
  expect(readsOf(counted, 'job').map(([name]) => name)).toEqual(['status', 'log.window', 'log.since'])
  const { log, ...bare } = fake.source
  expect(readsOf({ source: bare }, 'job').map(([name]) => name)).toEqual(['status'])
  expect(
    (
      await trialOf(
        fake,
        defer(() => of(log)),
      ).run()
    ).values,
  ).toEqual([log])
})
