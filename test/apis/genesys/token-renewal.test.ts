import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defer, delay, map, merge, mergeMap, type Observable, of, range, tap, timer, VirtualTimeScheduler } from 'rxjs'
import { type Connection, thenWatch, watchJob } from 'rxjobs'
import type { Chunk, Head, HttpRequest } from 'rxjobs/core'
import { clientCredentials, genesys, type StoredToken, type TokenStore } from 'rxjobs/genesys'
import { expect, onTestFinished, test } from 'vitest'
import { sandboxes } from '../../sandbox/support.ts'
import { all, genesysTo } from '../support.ts'

const start = sandboxes()
const watches = 200
// On real sockets, a busy machine must send them all within a token's life.
const few = 40

/** A service in virtual time: an answer takes 240 ms, and a token lives for one second from when it was issued. */
function service(clock: VirtualTimeScheduler, jobsTake: number) {
  const seen = { renewals: 0, underWay: 0, mostUnderWay: 0, refused: 0, looks: 0 }
  let issuedAt = -Infinity

  function answer({ method, headers }: HttpRequest): { readonly status: number; readonly body: object } {
    if (method === 'POST') {
      issuedAt = clock.now()
      return { status: 200, body: { access_token: `token-${++seen.renewals}`, expires_in: 1 } }
    }
    const given = headers.find(([name]) => name === 'authorization')?.[1]
    if (given !== `Bearer token-${seen.renewals}` || clock.now() - issuedAt >= 1_000) {
      seen.refused++
      return { status: 401, body: { code: 'bad.credentials' } }
    }
    seen.looks++
    return { status: 200, body: { dryRun: false, status: clock.now() < jobsTake ? 'Running' : 'Complete' } }
  }
  const transport = (request: HttpRequest): Observable<Head | Chunk> =>
    defer(() => {
      const renewal = request.method === 'POST' ? 1 : 0
      seen.underWay += renewal
      seen.mostUnderWay = Math.max(seen.mostUnderWay, seen.underWay)
      return timer(120, clock).pipe(
        map(() => answer(request)),
        delay(120, clock),
        tap(() => (seen.underWay -= renewal)),
        mergeMap(({ status, body }) =>
          of({ status, headers: [] }, { bytes: new TextEncoder().encode(JSON.stringify(body)) }),
        ),
      )
    })
  return { seen, transport }
}

test('a token that lives for a second, 200 watches: one renewal at a time, and no failure on any watch', () => {
  const clock = new VirtualTimeScheduler()
  const { seen, transport } = service(clock, 15_000)
  const auth = clientCredentials({ clientId: 'id', clientSecret: 'secret' })
  const cx = genesys({ region: 'eu_west_1', auth, transport, scheduler: clock })
  const ends: Array<string> = []
  const troubles: Array<Connection> = []
  const onConnection = (connection: Connection): void => {
    if (connection.state !== 'open') troubles.push(connection)
  }
  // Each with a rhythm of its own, so that every moment of a token's life is met.
  const jobs = range(0, watches).pipe(
    mergeMap((index) =>
      watchJob(cx.jobs, { jobId: String(index) }, { pollInterval: 501 + index, onConnection }).pipe(
        map(({ phase }) => phase),
      ),
    ),
  )
  jobs.subscribe({ next: (phase) => ends.push(phase), error: (error: unknown) => expect.unreachable(String(error)) })
  clock.flush()
  expect(ends.filter((phase) => phase === 'succeeded')).toHaveLength(watches)
  expect(troubles).toEqual([])
  expect(seen.mostUnderWay).toBe(1)
  expect(seen.refused).toBeGreaterThan(0)
  // No renewal that nobody needed: a token serves nine tenths of its second, and its renewal takes a quarter.
  expect(seen.renewals).toBeLessThanOrEqual(15_000 / (900 + 120) + 2)
})

// A call renews once: on a busy machine a token can expire right before the next one is revoked.
test('on real sockets: tokens that expire every three seconds, and one that is revoked, while 40 watches run', {
  retry: 2,
}, async () => {
  const sandbox = await start({
    genesys: { tokenSeconds: 3, requestsPerMinute: 1_000_000, stepMs: 2_000 },
    // Long enough for a second renewal to begin, if there were one.
    faults: { rules: [{ kind: 'latency', ms: 100, match: { path: /^\/oauth\/token$/ } }] },
  })
  const cx = genesysTo(sandbox)
  const troubles: Array<Connection> = []
  const onConnection = (connection: Connection): void => {
    if (connection.state !== 'open') troubles.push(connection)
  }
  const watch = { pollInterval: 250, onConnection }
  const jobs = cx
    .postInfrastructureascodeJobs({ acceleratorId: 'quick-wrapup-code' })
    .pipe(mergeMap((job) => merge(...Array.from({ length: few }, () => of(job).pipe(thenWatch(cx.jobs, watch))))))
  // Revoked while all watches run, and right before a read of each.
  let first = 0
  const statuses = await all(
    jobs.pipe(
      tap(() => {
        if (++first === few) sandbox.genesys.expireTokens()
      }),
    ),
  )
  expect(statuses.filter(({ phase }) => phase === 'succeeded')).toHaveLength(few)
  expect(troubles).toEqual([])
  // The service did refuse tokens, and the job outlived several of them.
  expect(sandbox.exchanges.some(({ status }) => status === 401)).toBe(true)
  const renewals = sandbox.exchanges.filter(({ path }) => path === '/oauth/token')
  // The first, the one after the revocation, and at least one after an expiry.
  expect(renewals.length).toBeGreaterThan(2)
  for (const [index, { status, openedAt }] of renewals.entries()) {
    expect(status).toBe(200)
    if (index > 0) expect(openedAt).toBeGreaterThanOrEqual(renewals[index - 1]?.closedAt ?? Infinity)
  }
})

test('clients that share a file with the token fetch it once, and once more when it was revoked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rxjobs-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'token.json')
  // It is written while the call goes on.
  let written = Promise.resolve()
  const tokenStore: TokenStore = {
    get: async () => JSON.parse(await readFile(file, 'utf8')) as StoredToken,
    set: (stored) => (written = writeFile(file, JSON.stringify(stored), { mode: 0o600 })),
  }
  const sandbox = await start()
  const { baseUrl, clientId, clientSecret } = sandbox.genesys
  const renewals = (): number => sandbox.exchanges.filter(({ path }) => path === '/oauth/token').length
  for (const expected of [1, 2]) {
    // A client of its own each time, as a process has.
    for (let client = 1; client <= 3; client++) {
      const cx = genesys({ baseUrl, auth: clientCredentials({ clientId, clientSecret, tokenStore }) })
      expect(await all(cx.getInfrastructureascodeJobs())).toEqual([[]])
      await written
    }
    expect(renewals()).toBe(expected)
    sandbox.genesys.expireTokens()
  }
})
