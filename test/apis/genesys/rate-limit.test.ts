import { firstValueFrom, Observable, of } from 'rxjs'
import type { RateLimit } from 'rxjobs'
import { expect, test } from 'vitest'
import type { Chunk, Head } from 'rxjobs/core'
import { accessToken, genesys } from 'rxjobs/genesys'
import { sandboxes } from '../../sandbox/support.ts'
import { errorOf, genesysTo } from '../support.ts'

const start = sandboxes()
const headers = (count: string, allowed: string, reset: string): ReadonlyArray<[string, string]> => [
  ['inin-ratelimit-count', count],
  ['ININ-RateLimit-Allowed', allowed],
  ['inin-ratelimit-reset', reset],
]

/** What a response with those headers says of the limit. */
async function toldBy(said: ReadonlyArray<[string, string]>): Promise<ReadonlyArray<RateLimit>> {
  const transport = (): Observable<Head | Chunk> =>
    of({ status: 200, headers: said }, { bytes: new TextEncoder().encode('[]') })
  const cx = genesys({ region: 'us_east_1', auth: accessToken('t'), transport })
  const told: Array<RateLimit> = []
  cx.jobs.limits.subscribe((limit) => told.push(limit))
  await firstValueFrom(cx.getInfrastructureascodeJobs())
  return told
}

test('the headers are read in any case', async () => {
  expect(await toldBy(headers('12', '300', ' 41 '))).toEqual([{ used: 12, allowed: 300, resetIn: 41_000 }])
  expect(await toldBy(headers('0', '300', '0'))).toEqual([{ used: 0, allowed: 300, resetIn: 0 }])
})

test.each([
  [headers('12', '300', 'soon')],
  [headers('', '300', '41')],
  [headers('-1', '300', '41')],
  [headers('12', '300', '41').slice(0, 2)],
  [[]],
])('%j is no rate limit', async (said) => expect(await toldBy(said)).toEqual([]))

test('each response reports its limit, a 429 as well; no request is sent for it and nothing is repeated', async () => {
  const sandbox = await start({ genesys: { requestsPerMinute: 2 } })
  const cx = genesysTo(sandbox, { retry: false })
  const told: Array<RateLimit> = []
  cx.jobs.limits.subscribe((limit) => told.push(limit))
  expect(sandbox.exchanges).toHaveLength(0)
  await firstValueFrom(cx.getInfrastructureascodeJobs())
  const late: Array<RateLimit> = []
  cx.jobs.limits.subscribe((limit) => late.push(limit))
  await firstValueFrom(cx.getInfrastructureascodeJobs())
  expect(await errorOf(cx.getInfrastructureascodeJobs())).toMatchObject({ status: 429 })
  expect(told.map(({ used, allowed }) => [used, allowed])).toEqual([
    [1, 2],
    [2, 2],
    [2, 2],
  ])
  expect(late).toEqual(told.slice(1))
  for (const { resetIn } of told) expect(resetIn % 1000).toBe(0)
})

test('unsubscribing closes the transport', () => {
  let closed = 0
  const transport = (): Observable<never> => new Observable(() => () => closed++)
  const cx = genesys({ region: 'us_east_1', auth: accessToken('t'), transport })
  cx.getInfrastructureascodeJobs().subscribe().unsubscribe()
  expect(closed).toBe(1)
})
