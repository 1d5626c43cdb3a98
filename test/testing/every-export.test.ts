import { expect, test } from 'vitest'
import { battery } from './support/battery.ts'
import { givenStreams } from './support/given-streams.ts'
import { onSandbox } from './support/on-sandbox.ts'

const request = 'one request and its answer: no job, nothing to wait for'

/** What gives a stream and is not on the battery, and why. */
const exceptions: Readonly<Record<string, ReadonlyArray<string>>> = {
  [`${request} (test/core/client.test.ts, exchange.test.ts)`]: ['client().exchange', 'client().run'],
  [`${request} (test/core/fetch-transport.test.ts)`]: ['fetchTransport'],
  [`${request} (test/core/auth.test.ts, client-credentials.test.ts)`]: [
    'accessToken()().headers',
    'clientCredentials()().headers',
    'fixedHeader()().headers',
  ],
  [`${request} (test/apis/connect)`]: [
    'buildContent',
    'createContent',
    'deployContent',
    'getJob',
    'getJobs',
    'getTask',
    'getVariants',
    'jobDownloadLog',
    'jobError',
    'jobLogs',
    'jobTailLog',
    'killJob',
    'renderVariant',
    'uploadBundle',
    'visitContent',
  ].map((operation) => `connect().${operation}`),
  [`${request} (test/apis/genesys)`]: [
    'getInfrastructureascodeAccelerator',
    'getInfrastructureascodeJob',
    'getInfrastructureascodeJobs',
    'postInfrastructureascodeJobs',
  ].map((operation) => `genesys().${operation}`),
  'pages of what is no job (test/apis/genesys/all-pages.test.ts)': ['genesys().getInfrastructureascodeAccelerators'],
  'a log as text, whole and without a job (test/core/framing/lines.test.ts)': ['lines'],
}

const tested = [...Object.keys(battery), ...Object.keys(onSandbox)].flatMap((name) =>
  name.split(/, (?:then )?| and | with | on /),
)

test('whatever we export that gives a stream is on the battery, or is one of the exceptions', {
  timeout: 60_000,
}, () => {
  const excepted = Object.values(exceptions).flat()
  const given = givenStreams('src/index.ts', 'src/apis/connect/index.ts', 'src/apis/genesys/index.ts')
  expect(given.filter((name) => !tested.includes(name) && !excepted.includes(name))).toEqual([])
  // Nor is there an exception for what is gone, or for what is tested.
  expect(excepted.filter((name) => tested.includes(name) || !given.includes(name))).toEqual([])
  expect(given).toContain('thenWatch')
})

test('what breaks a law on purpose says for what', () => {
  const purposes = Object.values(battery).flatMap(({ breaks = {} }) => Object.values(breaks))
  expect(purposes.length).toBeGreaterThan(0)
  for (const purpose of purposes) expect(purpose).toMatch(/\w+ \w+/)
})
