import { map } from 'rxjs'
import { jobSource } from 'rxjobs'
import { fakeJob, jobSourceConformance, streamConformance } from 'rxjobs/testing'
import { describe, expect, test } from 'vitest'
import { exportedStreams } from './support/exported-streams.ts'
import { onSandbox } from './support/on-sandbox.ts'
import { marbles, ofSource, resultsOf, secret } from './support/results.ts'
import { suites } from './support/suite.ts'

test('the suite has ten checks, G1 to G10 in order, each with a name of its own', () => {
  const names = streamConformance(() => expect.unreachable('nothing begins before a check')).map(({ name }) => name)
  expect(names.map((name) => /^(G\d+): \w/.exec(name)?.[1])).toEqual(Array.from({ length: 10 }, (_, i) => `G${i + 1}`))
  expect(new Set(names).size).toBe(10)
})

const entries = Object.entries(suites).map(([name, { breaks = {}, skipped = {}, checks }]) => ({
  name,
  checks,
  breaks,
  skipped,
  not: Object.keys(skipped).join(', ') || 'none',
}))

test.each(entries)('$name gives the guarantees; not checked: $not', async ({ checks, breaks, skipped }) => {
  const results = await resultsOf(checks)
  expect(results.skipped).toEqual(skipped)
  expect(results.broken).toEqual(
    Object.fromEntries(Object.keys(breaks).map((number): [string, unknown] => [number, expect.any(String)])),
  )
})

test('each guarantee that a stream breaks on purpose has its reason', () => {
  const purposes = Object.values(suites).flatMap(({ breaks = {} }) => Object.values(breaks))
  expect(purposes.length).toBeGreaterThan(0)
  for (const purpose of purposes) expect(purpose).toMatch(/\w+ \w+/)
})

describe('a source', () => {
  test.each(['stream', 'read', 'after'] as const)('with a log by %s gives all guarantees', async (log) => {
    expect(await ofSource(({ source }) => source, { log })).toEqual({ broken: {}, skipped: {} })
  })

  test('without a log is checked without it', async () => {
    const results = await ofSource(({ source: { log, ...source } }) => source)
    expect(results).toEqual({ broken: {}, skipped: { G9: 'the source has no log' } })
  })

  test('of jobSource gives all guarantees', async () => {
    const results = await ofSource(({ source }) => ({
      ...jobSource({
        status: (ref: string) => source.status(ref).pipe(map(({ job }) => job)),
        phase: ({ phase }) => phase,
      }),
      keyOf: source.keyOf,
      failure: source.failure,
    }))
    expect(results).toEqual({ broken: {}, skipped: { G9: 'the source has no log' } })
  })

  test('a check whose input is missing is skipped, and fails where it is broken without that input', async () => {
    const bare = () => {
      const { missing, lines, posts, ...fake } = fakeJob(marbles)
      return Promise.resolve({ ...fake, pollInterval: 1_000 })
    }
    const without = await resultsOf(jobSourceConformance(bare))
    expect(without.broken).toEqual({})
    expect(Object.keys(without.skipped)).toEqual(['G4', 'G5', 'G6', 'G8', 'G9', 'G10'])
    const repeating = () => {
      const fake = fakeJob(marbles)
      return Promise.resolve({ ...fake, source: { ...fake.source, same: () => false, key: secret } })
    }
    const broken = await resultsOf(jobSourceConformance(repeating))
    expect(Object.keys(broken.broken)).toEqual(['G10'])
  })

  test('of a job that is over at the first read leaves little to check', async () => {
    const over = () => Promise.resolve(fakeJob('s', { latency: 0 }))
    const { broken, skipped } = await resultsOf(jobSourceConformance(over))
    expect(broken).toEqual({ G5: 'a connection was dropped, and onConnection was not called' })
    expect(Object.keys(skipped)).toContain('G10')
  })
})

const request = 'one request and its response: no job, nothing to wait for'

/** Exported streams that are not on the suite, by the reason. */
const exceptions: Readonly<Record<string, ReadonlyArray<string>>> = {
  [`${request} (test/core)`]: [
    'accessToken()().headers',
    'apiKeyAuth()().headers',
    'client().run',
    'client().runWithResponse',
    'clientCredentials()().headers',
    'fetchTransport',
    'snowflakeAuth()().headers',
  ],
  'the same stream, held back (test/core/backpressure.test.ts)': ['withDemand'],
  [`${request} (test/apis/connect)`]: [
    'buildContent',
    'createContent',
    'deployContent',
    'getJob',
    'getJobMetrics',
    'getJobs',
    'getTask',
    'getVariants',
    'jobDownloadLog',
    'jobError',
    'jobLogs',
    'jobTailLog',
    'killJob',
    'renderContent',
    'renderVariant',
    'uploadBundle',
    'visitContent',
  ].map((operation) => `connect().${operation}`),
  'one upload (test/apis/connect/upload.test.ts)': ['uploadArchive'],
  [`${request} (test/apis/genesys)`]: [
    'getInfrastructureascodeAccelerator',
    'getInfrastructureascodeJob',
    'getInfrastructureascodeJobs',
    'postInfrastructureascodeJobs',
  ].map((operation) => `genesys().${operation}`),
  'pages of what is no job (test/apis/genesys/accelerators.test.ts)': ['genesys().getInfrastructureascodeAccelerators'],
}

const tested = [...Object.keys(suites), ...Object.keys(onSandbox(fetch))].flatMap((name) =>
  name.split(/, (?:then )?| and | with | on /),
)

test('every exported stream is on the suite, or is one of the exceptions', { timeout: 60_000 }, () => {
  const excepted = Object.values(exceptions).flat()
  const entries = ['src/index.ts', 'src/core.ts', 'src/apis/connect/index.ts', 'src/apis/genesys/index.ts']
  const exported = exportedStreams(...entries)
  expect(exported.filter((name) => !tested.includes(name) && !excepted.includes(name))).toEqual([])
  // No exception for a stream that does not exist, or that is on the suite.
  expect(excepted.filter((name) => tested.includes(name) || !exported.includes(name))).toEqual([])
  expect(exported).toContain('thenWatch')
})
