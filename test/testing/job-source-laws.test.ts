import { map } from 'rxjs'
import { every, simpleSource } from 'rxjobs'
import { fakeJob, jobSourceLaws } from 'rxjobs/testing'
import { expect, test } from 'vitest'
import { marbles, ofSource, secret, verdictsOf } from './support/verdicts.ts'

test.each(['live', 'window', 'counted'] as const)('a good source with a log that is %s breaks none', async (log) => {
  expect(await ofSource(({ source }) => source, { log })).toEqual({ broken: {}, skipped: {} })
})

test('a source without a log is not judged by what it gives of it', async () => {
  const verdicts = await ofSource(({ source: { log, ...source } }) => source)
  expect(verdicts).toEqual({ broken: {}, skipped: { 'law 9': 'the source has no log' } })
})

test('what simpleSource lifts breaks none', async () => {
  const verdicts = await ofSource(({ source }) => ({
    ...simpleSource({
      status: (ref: string) => source.status(ref).pipe(map(({ job }) => job)),
      phase: ({ phase }) => phase,
    }),
    keyOf: source.keyOf,
    failure: source.failure,
  }))
  expect(verdicts).toEqual({ broken: {}, skipped: { 'law 9': 'the source has no log' } })
})

test('a law whose input is missing is skipped, and broken where that shows without it', async () => {
  const bare = () => {
    const { missing, lines, posts, ...fake } = fakeJob(marbles)
    return Promise.resolve({ ...fake, cadence: every(1_000) })
  }
  const laws = await verdictsOf(jobSourceLaws(bare))
  expect(laws.broken).toEqual({})
  expect(Object.keys(laws.skipped)).toEqual(['law 4', 'law 5', 'law 6', 'law 8', 'law 9', 'law 10'])
  const telling = () => {
    const fake = fakeJob(marbles)
    return Promise.resolve({ ...fake, source: { ...fake.source, same: () => false, key: secret } })
  }
  const said = await verdictsOf(jobSourceLaws(telling))
  expect(Object.keys(said.broken)).toEqual(['law 10'])
})

test('a job that is over at the first look leaves little to judge', async () => {
  const over = () => Promise.resolve(fakeJob('s', { latency: 0 }))
  const { broken, skipped } = await verdictsOf(jobSourceLaws(over))
  expect(broken).toEqual({ 'law 5': 'a connection was dropped, and onConnection was told nothing' })
  expect(Object.keys(skipped)).toContain('law 10')
})
