import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { defaultIfEmpty, lastValueFrom, type Observable, of, take } from 'rxjs'
import { thenWatch, watchJob } from 'rxjobs'
import { connect } from 'rxjobs/connect'
import { accessToken, clientCredentials, type Genesys, genesys } from 'rxjobs/genesys'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectTo, errorOf, genesysTo, refusal, serve } from '../apis/support.ts'
import { certificate, key as certificateKey } from '../core/support/certificate.ts'
import { sandboxes } from '../sandbox/support.ts'

// What a new user does wrong. Each message says what was wrong, where, and what to do about it.

const start = sandboxes()
const ref = { guid: 'a-guid', key: 'a-key' }
const server = 'https://connect.example.com'
const apiKey = 'a-key-of-mine'

const messageOf = async (stream: Observable<unknown>): Promise<string> => (await errorOf(stream)).message

const page = '<!doctype html><html><head><title>Sign in</title></head><body><form></form></body></html>'

/** A server that answers everything with a web page. */
const website = (status: number, headers: Readonly<Record<string, string>> = {}): Promise<string> =>
  serve((_, response) => response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(page))

const watch = (address: string, key = apiKey): Observable<unknown> =>
  watchJob(connect({ server: address, apiKey: key }).jobs, ref)

describe('mistakes that are refused before anything is sent', () => {
  const pc = connect({ server, apiKey })
  const cx = genesys({ region: 'eu_central_1', auth: accessToken('a-token') })

  test.each<[mistake: string, call: () => unknown, tells: string]>([
    ['no options', () => connect(undefined as never), 'connect: the options must be an object with server and apiKey'],
    ['no options for Genesys', () => genesys(undefined as never), 'genesys: the options must be an object with region'],
    [
      'a variable of the environment that is not set',
      () => connect({ server, apiKey: undefined as never }),
      'connect: apiKey: is missing or empty',
    ],
    [
      'a key that was read from a file with its line end',
      () => connect({ server, apiKey: 'abc\n' }),
      'connect: apiKey: has a character that no header can hold, at position 3 of 4; was it read with its line end?',
    ],
    [
      'an option that is misspelt',
      () => connect({ server, apiKey, timeOut: 5 } as never),
      'connect: unknown option timeOut; there are server, apiKey,',
    ],
    [
      'an option under the name of another library',
      () => connect({ url: server, apiKey } as never),
      'connect: unknown option url; there are server, apiKey,',
    ],
    [
      'an option of a stream that is misspelt',
      () => watchJob(pc.jobs, ref, { interval: 5_000 } as never),
      'watchJob: unknown option interval; there are ',
    ],
    [
      'an address without its scheme',
      () => connect({ server: 'connect.example.com', apiKey }),
      'connect: server: must begin with https://',
    ],
    [
      'an address from the browser’s address bar',
      () => connect({ server: `${server}/connect/#/apps/a-guid/access`, apiKey }),
      'connect: server: must begin with https:// and have no user name, password, query, fragment or blank',
    ],
    [
      'plain http to another machine',
      () => connect({ server: 'http://connect.example.com', apiKey }),
      'connect: server: plain http to another machine sends the key readable; use https, or set allowHttp: true',
    ],
    [
      'a region in the words of another service',
      () => genesys({ region: 'eu-central-1' as never, auth: accessToken('t') }),
      'genesys: region must be one of us_east_1, ',
    ],
    [
      'an address in place of a host',
      () => genesys({ host: 'https://api.mypurecloud.de', auth: accessToken('t') }),
      "genesys: host must be the region's host alone (mypurecloud.de); for an address give baseUrl",
    ],
    [
      'a token in place of an auth',
      () => genesys({ region: 'us_east_1', auth: 'a-token' as never }),
      'genesys: auth must be accessToken(…) or clientCredentials({ clientId, clientSecret })',
    ],
    [
      'a reference that is the key alone',
      () => watchJob(pc.jobs, 'a-key' as never),
      'watchJob: the reference names no job (getJob: its parameters must be { guid, key }, was a string)',
    ],
    [
      'a reference with the id of a job in place of its key',
      () => watchJob(pc.jobs, { guid: 'a-guid', id: '17' } as never),
      "watchJob: the reference names no job (getJob: key must be a string that is not empty, '.' or '..', was undefined)",
    ],
    [
      'a reference of the other service',
      () => watchJob(cx.jobs, ref as never),
      'watchJob: the reference names no job (getInfrastructureascodeJob: ',
    ],
    ['a client in place of its jobs', () => watchJob(pc as never, ref as never), 'give the `jobs` of a client'],
    [
      'the path of a bundle in place of its bytes',
      () => pc.uploadBundle({ guid: 'a-guid', archive: 'bundle.tar.gz' } as never),
      'uploadBundle: archive must be a Uint8Array',
    ],
  ])('%s', (_, call, tells) => {
    expect(refusal(call)).toContain(tells)
  })
})

describe('mistakes that a service answers', () => {
  test('a wrong key', async () => {
    const sandbox = await start()
    const message = await messageOf(watch(sandbox.url, 'a-wrong-key'))
    expect(message).toMatch(
      /^GET \/__api__\/v1\/content\/a-guid\/jobs\/a-key at http:\/\/127\.0\.0\.1:\d+: 401 \(code 24\)/,
    )
    expect(message).toContain("(is the client's apiKey or auth right?)")
    expect(message).not.toContain('a-wrong-key')
  })

  test('a token that has expired', async () => {
    const { url } = await start()
    const cx = genesys({ baseUrl: url, auth: accessToken('a-token') })
    expect(await messageOf(cx.getInfrastructureascodeJobs())).toMatch(
      /: 401 bad\.credentials: .* \(is the token right, and not expired\? clientCredentials renews it/,
    )
  })

  test('a reference to a job of other content, and to none', async () => {
    const sandbox = await start()
    const { key } = sandbox.connect.feed()
    const { guid } = sandbox.connect.feed()
    for (const wrong of [
      { guid, key },
      { guid, key: '12' },
      { guid: 'https://a.example.com/content/b/', key },
    ]) {
      expect(await messageOf(watchJob(connectTo(sandbox).jobs, wrong))).toMatch(
        /: 404 .*\(is the guid that of the content, and the key \(not the id\) that of one of its jobs\?\)/,
      )
    }
    expect(await messageOf(watchJob(genesysTo(sandbox).jobs, { jobId: 'a-job' }))).toMatch(
      /: 404 not\.found: .* \(is the id right, and of this region and organization\?\)/,
    )
  })

  test('the address of another web site', async () => {
    const message = await messageOf(watch(await website(200)))
    expect(message).toContain('was a web page, not the API: is the address right, is a login or proxy before it?')
  })

  test('an address with a path that there is not', async () => {
    const sandbox = await start()
    const message = await messageOf(watch(`${sandbox.url}/wrong`))
    expect(message).toMatch(
      /^GET \/wrong\/__api__\/v1\/.*: 404.*\(no such endpoint: is the address right, the server new/,
    )
  })

  test('an address that has the API’s own path is taken as it is meant', async () => {
    const sandbox = await start()
    const { guid, key } = sandbox.connect.feed()
    const { jobs } = connect({ server: `${sandbox.url}/__api__/v1`, apiKey: sandbox.connect.apiKey })
    const first = watchJob(jobs, { guid, key }).pipe(take(1), defaultIfEmpty(undefined))
    expect(await lastValueFrom(first)).toMatchObject({ phase: 'running' })
  })

  test('an address that redirects to a login', async () => {
    const message = await messageOf(
      watch(await website(302, { location: 'https://login.example.com/sso?for=connect' })),
    )
    expect(message).toContain(
      '302: redirected to https://login.example.com/sso, which is not followed with a key; give the final address',
    )
  })

  test.each([401, 403, 502, 511])('a web page with status %i in place of the API', async (status) => {
    const pc = connect({ server: await website(status), apiKey })
    const message = await messageOf(watchJob(pc.jobs, ref, { retry: false }))
    expect(message).toMatch(
      new RegExp(`: ${status}: a web page, not the API: is the address right, is a login or proxy`),
    )
  })

  test('a request that the user may not make', async () => {
    const sandbox = await start({ faults: { rules: [{ kind: 'status', status: 403 }] } })
    expect(await messageOf(watchJob(connectTo(sandbox).jobs, ref))).toMatch(/: 403 .*\(may the user of the client's/)
    const cx = genesysTo(sandbox)
    sandbox.faults.set([{ kind: 'status', status: 403, match: { path: /infrastructureascode/ } }])
    expect(await messageOf(cx.getInfrastructureascodeJobs())).toMatch(/: 403 .*infrastructureascode:job:view/)
  })

  test('too many requests, for longer than a stream waits', async () => {
    const sandbox = await start({ faults: { rules: [{ kind: 'status', status: 429, retryAfter: 7_200 }] } })
    expect(await messageOf(watchJob(connectTo(sandbox).jobs, ref))).toMatch(
      /: 429.*\(the service asks to wait 7200 s; a wait is at most maxRetryAfter\)/,
    )
  })

  test('a server that is down', async () => {
    const sandbox = await start()
    await sandbox.close()
    const message = await messageOf(watchJob(connectTo(sandbox).jobs, ref, { retry: { maxAttempts: 2 } }))
    expect(message).toMatch(
      /^GET .* at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.*\(nothing listens there: is the address right, the server up\?\) \(after 1 × NetworkError/,
    )
  })

  test('a host that does not exist', async () => {
    const { jobs } = connect({ server: 'https://no-such-host.invalid', apiKey })
    const message = await messageOf(watchJob(jobs, ref, { retry: false }))
    expect(message).toMatch(/ at https:\/\/no-such-host\.invalid: .*\(no such host: is the address right\?\)/)
  })

  test('a certificate that nobody signed', async () => {
    const secure = createServer({ cert: certificate, key: certificateKey }, (_, response) => response.end('[]'))
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void secure.close())
    const { port } = secure.address() as AddressInfo
    expect(await messageOf(watch(`https://localhost:${port}`))).toMatch(
      /^GET .* at https:\/\/localhost:\d+: .*\(the certificate is not trusted: give Node the one of its authority in NODE_EXTRA_CA_CERTS/,
    )
  })

  test('https to a server that speaks http', async () => {
    const sandbox = await start()
    expect(await messageOf(watch(sandbox.url.replace('http:', 'https:')))).toContain(
      '(this port does not speak https: is the address right?)',
    )
  })

  test('a proxy that wants a login', async () => {
    expect(await messageOf(watch(await website(407)))).toMatch(/a proxy wants a login/)
  })

  test.each([
    ['Chrome', 'Failed to fetch'],
    ['Firefox', 'NetworkError when attempting to fetch resource.'],
    ['Safari', 'Load failed'],
  ])('a page of another origin, in %s', async (_, says) => {
    const { jobs } = connect({ server, apiKey, fetch: () => Promise.reject(new TypeError(says)) })
    const message = await messageOf(watchJob(jobs, ref, { retry: false }))
    expect(message).toContain(`${says} (is the server up, and does it allow this page (CORS)?)`)
  })

  test('a server that does not answer', async () => {
    const sandbox = await start({ faults: { rules: [{ kind: 'silence' }] } })
    const message = await messageOf(watchJob(connectTo(sandbox, { timeout: 50 }).jobs, ref, { retry: false }))
    expect(message).toMatch(/at http:\/\/127\.0\.0\.1:\d+: no response within 50 ms/)
  })

  test('a deploy piped into the jobs of a client, which names no job', async () => {
    const { jobs } = connect({ server, apiKey })
    // @ts-expect-error JavaScript has no compiler to refuse it
    const message = await messageOf(of({ task_id: 'a-task' }).pipe(thenWatch(jobs)))
    expect(message).toMatch(
      /thenWatch \(submitted\).*should be an answer that names the job.*\["task_id"\].*pc\.tasks or thenJobs/,
    )
  })
})

describe('mistakes with the credentials of Genesys', () => {
  const list = (cx: Genesys): Observable<unknown> => cx.getInfrastructureascodeJobs()

  test('a wrong client secret', async () => {
    const { genesys: own } = await start()
    const { baseUrl, clientId } = own
    const message = await messageOf(
      list(genesys({ baseUrl, auth: clientCredentials({ clientId, clientSecret: 'a-wrong-secret' }) })),
    )
    expect(message).toMatch(/^POST \/oauth\/token at http.*: no token: 401 invalid_client/)
    expect(message).toContain('(are clientId and clientSecret right, and of this region?)')
    expect(message).not.toContain('a-wrong-secret')
  })

  test('a login page before the token endpoint', async () => {
    const auth = clientCredentials({ clientId: 'an-id', clientSecret: 'a-secret' })
    const to = async (baseUrl: Promise<string>) => messageOf(list(genesys({ baseUrl: await baseUrl, auth })))
    expect(await to(website(403))).toMatch(/^POST \/oauth\/token at .*: no token: 403: a web page, not the API/)
    expect(await to(website(302, { location: 'https://login.example.com/' }))).toMatch(
      /no token: 302: redirected to https:\/\/login\.example\.com\/, .*give the final address/,
    )
  })

  test('a client id without its secret', () => {
    expect(refusal(() => clientCredentials({ clientId: 'an-id', clientSecret: '' }))).toContain(
      'clientSecret: is missing or empty',
    )
  })
})
