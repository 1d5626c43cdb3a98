import { firstValueFrom, Observable, of } from 'rxjs'
import type { RateLimit } from 'rxjobs'
import { expect, test } from 'vitest'
import { rateLimitOf, watchLimits } from '../../../src/apis/genesys/rate-limit.ts'
import { sandboxes } from '../../sandbox/support.ts'
import { errorOf, genesysTo } from '../support.ts'

const start = sandboxes()
const headers = (count: string, allowed: string, reset: string): ReadonlyArray<[string, string]> => [
  ['inin-ratelimit-count', count],
  ['ININ-RateLimit-Allowed', allowed],
  ['inin-ratelimit-reset', reset],
]

test('the headers are read in any case', () => {
  expect(rateLimitOf(headers('12', '300', ' 41 '))).toEqual({ used: 12, allowed: 300, resetIn: 41_000 })
})

test.each([
  [headers('12', '300', 'soon')],
  [headers('', '300', '41')],
  [headers('-1', '300', '41')],
  [headers('12', '300', '41').slice(0, 2)],
  [[]],
])('%j is no rate limit', (said) => expect(rateLimitOf(said)).toBeUndefined())

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

test('the transport emits the same parts, and unsubscribing closes it', () => {
  let closed = 0
  const parts = [{ status: 200, headers: [] }, { bytes: new Uint8Array([1]) }]
  const { transport } = watchLimits(
    () =>
      new Observable((subscriber) => {
        subscriber.add(of(...parts).subscribe((part) => subscriber.next(part)))
        return () => closed++
      }),
  )
  const seen: Array<unknown> = []
  const subscription = transport({ method: 'GET', url: 'https://a.example', headers: [] }).subscribe((part) =>
    seen.push(part),
  )
  expect([seen, closed]).toEqual([parts, 0])
  subscription.unsubscribe()
  expect(closed).toBe(1)
})
