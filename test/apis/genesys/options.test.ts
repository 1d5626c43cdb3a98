import fc from 'fast-check'
import { firstValueFrom } from 'rxjs'
import {
  accessToken,
  clientCredentials,
  type GenesysOptions,
  type GenesysPlace,
  genesys,
  type Region,
  regions,
} from 'rxjobs/genesys'
import { expect, test } from 'vitest'
import { addresses } from '../../../src/apis/genesys/options.ts'
import { answering, refusal } from '../support.ts'

const auth = accessToken('a-token')
const secret = 'never-to-be-shown'

/** Where the token and the answer are asked for. */
async function askedAt(
  options: GenesysPlace & Pick<GenesysOptions, 'loginUrl' | 'allowHttp'>,
): Promise<ReadonlyArray<string>> {
  const token = { access_token: 'fresh', token_type: 'bearer', expires_in: 86_400 }
  const { transport, requests } = answering(({ method }) => ({ body: method === 'POST' ? token : [] }))
  const cx = genesys({ ...options, auth: clientCredentials({ clientId: 'id', clientSecret: secret }), transport })
  await firstValueFrom(cx.getInfrastructureascodeJobs())
  return requests.map(({ url }) => url)
}

const isRegion = (name: string): name is Region => name in regions

test.each(Object.keys(regions).filter(isRegion))('%s: the API and the login of its host', async (region) => {
  expect(await askedAt({ region })).toEqual([
    `https://login.${regions[region]}/oauth/token`,
    `https://api.${regions[region]}/api/v2/infrastructureascode/jobs`,
  ])
})

test('any host does', () => {
  const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z])?$/)
  fc.assert(
    fc.property(fc.array(label, { minLength: 2, maxLength: 4 }), (labels) => {
      const host = labels.join('.')
      expect(addresses({ host, auth })).toEqual({ baseUrl: `https://api.${host}`, loginUrl: `https://login.${host}` })
    }),
  )
})

test('tokens come from the login host, from loginUrl where that is given, else from the baseUrl', async () => {
  const [byHost] = await askedAt({ host: 'new.pure.cloud' })
  const [byLogin, api] = await askedAt({ host: 'new.pure.cloud', loginUrl: 'https://sso.example.com/x/' })
  const [byBase] = await askedAt({ baseUrl: 'http://127.0.0.1:8080/prefix/' })
  expect([byHost, byLogin, byBase]).toEqual([
    'https://login.new.pure.cloud/oauth/token',
    'https://sso.example.com/x/oauth/token',
    'http://127.0.0.1:8080/prefix/oauth/token',
  ])
  expect(api).toBe('https://api.new.pure.cloud/api/v2/infrastructureascode/jobs')
})

test.each<
  [what: string, options: Omit<GenesysPlace, 'region'> & { loginUrl?: string; region?: string }, says: RegExp[]]
>([
  [
    'a region that nobody knows',
    { region: 'eu_central_9' },
    [/^region: "eu_central_9" is not known/, /eu_central_1,/, /give its host/],
  ],
  ['what every object has', { region: 'toString' }, [/^region: is not known/]],
  ['region and host', { region: 'us_east_1', host: 'mypurecloud.com' }, [/exactly one of region, host and baseUrl/]],
  ['host and baseUrl', { host: 'mypurecloud.com', baseUrl: 'https://api.mypurecloud.com' }, [/exactly one of/]],
  ['no place', {}, [/exactly one of region, host and baseUrl/]],
  [
    'a host that is an address',
    { host: 'https://api.mypurecloud.de' },
    [/^host: must be a host name alone/, /use baseUrl/],
  ],
  ['a host with a password', { host: `https://me:${secret}@h` }, [/^host: must be/]],
  ['a key for a region', { region: secret }, [/^region: is not known/]],
  ['an empty host', { host: '' }, [/^host: /, /mypurecloud\.de/]],
  ['a host with an empty label', { host: '.mypurecloud.de' }, [/^host: must be/]],
  ['a baseUrl without a scheme', { baseUrl: 'api.mypurecloud.de' }, [/^baseUrl: /, /must begin with https:/]],
  ['an empty baseUrl', { baseUrl: '' }, [/^baseUrl: is missing/, /such as https:/]],
  [
    'plain http to another machine',
    { baseUrl: 'http://api.mypurecloud.de' },
    [/^baseUrl: plain http to another machine/, /use https, or set allowHttp/],
  ],
  [
    'plain http to another login',
    { host: 'mypurecloud.de', loginUrl: 'http://login.mypurecloud.de' },
    [/^loginUrl: plain http/],
  ],
  ['a login that is none', { host: 'mypurecloud.de', loginUrl: 'login' }, [/^loginUrl: must begin with https:/]],
  [
    'a password in an address',
    { baseUrl: `https://me:${secret}@example.com` },
    [/^baseUrl: must not hold a user name or password/],
  ],
])('%s is refused, and says why', (_, options, says) => {
  const { transport, requests } = answering(() => ({ body: [] }))
  const own = { auth: clientCredentials({ clientId: 'id', clientSecret: secret }), transport }
  // @ts-expect-error: what a caller without types may give
  const words = refusal(() => genesys({ ...options, ...own }))
  for (const wanted of says) expect(words).toMatch(wanted)
  expect(words).not.toContain(secret)
  expect(requests).toEqual([])
})

test('plain http goes to this machine, and elsewhere to those who allow it', async () => {
  for (const baseUrl of ['http://127.0.0.1:1', 'http://localhost:1', 'http://[::1]:1']) {
    expect(await askedAt({ baseUrl })).toEqual([
      `${baseUrl}/oauth/token`,
      `${baseUrl}/api/v2/infrastructureascode/jobs`,
    ])
  }
  const [token] = await askedAt({ baseUrl: 'http://gateway.internal', allowHttp: true })
  expect(token).toBe('http://gateway.internal/oauth/token')
})

test.each([
  ['', /^clientSecret: is missing or empty/],
  ['  ', /^clientSecret: is missing or empty/],
  [`${secret}\n`, /^clientSecret: has .* line break .* at position 17 of 18; was it read from a file/],
  [`${secret}é!`, /^clientSecret: has .* no header can hold, at position 17 of 19$/],
])('a client secret that no header can hold is refused unseen: %j', (clientSecret, says) => {
  const words = refusal(() => clientCredentials({ clientId: 'id', clientSecret }))
  expect(words).toMatch(says)
  expect(words).not.toContain(secret)
})

test('so are a client id and a token', () => {
  expect(refusal(() => clientCredentials({ clientId: 'i d', clientSecret: secret }))).toMatch(
    /^clientId: .* position 1 of 3/,
  )
  expect(refusal(() => accessToken(`${secret}\r\n`))).toMatch(/^accessToken: .* line break/)
  expect(refusal(() => accessToken(`${secret}\r\n`))).not.toContain(secret)
})
