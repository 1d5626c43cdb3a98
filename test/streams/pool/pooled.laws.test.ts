import { followJob, pooled, tailLog, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { ofStream } from '../../testing/support/verdicts.ts'

type Make = Parameters<typeof ofStream>[0]
type Service = Parameters<Make>[0]
type How = Parameters<Make>[2]

/** The source in a pool whose clock is the one that the law watches. */
const inPool = ({ source }: Service, { scheduler }: How) =>
  pooled(source, { requestsPerMinute: 6_000, ...(scheduler && { scheduler }) })

const streams: ReadonlyArray<readonly [name: string, skipped: ReadonlyArray<string>, make: Make]> = [
  ['watchJob', ['law 9'], (service, ref, how) => watchJob(inPool(service, how), ref, how)],
  ['tailLog', [], (service, ref, how) => tailLog(inPool(service, how), ref, how)],
  ['followJob', [], (service, ref, how) => followJob(inPool(service, how), ref, how)],
]

test.each(streams)('%s through a pool breaks no law; not judged: %j', async (_, skipped, make) => {
  expect(await ofStream(make)).toEqual({ broken: {}, skipped })
})
