import { followJob, pooled, tailLog, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { ofStream } from '../../testing/support/verdicts.ts'

const options = { requestsPerMinute: 6_000 }
type Make = Parameters<typeof ofStream>[0]

const streams: ReadonlyArray<readonly [name: string, skipped: ReadonlyArray<string>, make: Make]> = [
  ['watchJob', ['law 9'], ({ source }, ref, how) => watchJob(pooled(source, options), ref, how)],
  ['tailLog', [], ({ source }, ref, how) => tailLog(pooled(source, options), ref, how)],
  ['followJob', [], ({ source }, ref, how) => followJob(pooled(source, options), ref, how)],
]

test.each(streams)('%s through a pool breaks no law; not judged: %j', async (_, skipped, make) => {
  expect(await ofStream(make)).toEqual({ broken: {}, skipped })
})
