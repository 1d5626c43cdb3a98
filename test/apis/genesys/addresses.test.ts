import fc from 'fast-check'
import { firstValueFrom } from 'rxjs'
import {
  accessToken,
  client,
  clientCredentials,
  type GenesysOptions,
  type GenesysPlace,
  genesys,
  type Region,
  regions,
} from 'rxjobs/genesys'
import { expect, test } from 'vitest'
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

test.each(Object.keys(regions).filter(isRegion))('%s: API and login are on its host', async (region) => {
  expect(await askedAt({ region })).toEqual([
    `https://login.${regions[region]}/oauth/token`,
    `https://api.${regions[region]}/api/v2/infrastructureascode/jobs`,
  ])
})

test('any host is accepted', async () => {
  const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z])?$/)
  const hosts = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'))
  await fc.assert(
    fc.asyncProperty(hosts, async (host) => {
      fc.pre(!/^(api|login|apps)\./.test(host))
      expect(await askedAt({ host })).toEqual([
        `https://login.${host}/oauth/token`,
        `https://api.${host}/api/v2/infrastructureascode/jobs`,
      ])
    }),
    { numRuns: 30 },
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

test.each<[what: string, options: Readonly<Record<string, unknown>>, says: RegExp[]]>([
  [
    'an unknown region',
    { region: 'eu_central_9' },
    [/^genesys: region must be one of us_east_1, /, /eu_central_1,/, /give its host/],
  ],
  ['the name of a method of Object', { region: 'toString' }, [/^genesys: region must be one of/]],
  ['region and host', { region: 'us_east_1', host: 'mypurecloud.com' }, [/exactly one of region, host and baseUrl/]],
  ['host and baseUrl', { host: 'mypurecloud.com', baseUrl: 'https://api.mypurecloud.com' }, [/exactly one of/]],
  ['no place', {}, [/exactly one of region, host and baseUrl/]],
  [
    'a host that is an address',
    { host: 'https://api.mypurecloud.de' },
    [/^genesys: host must be the region's host alone/, /give baseUrl/],
  ],
  ['a host with a password', { host: `https://me:${secret}@h` }, [/^genesys: host must be/]],
  ['a key for a region', { region: secret }, [/^genesys: region must be one of/]],
  ['no host', { host: null }, [/^genesys: host must be the region's host alone.*, was null$/]],
  ['a list of hosts', { host: ['a.b'] }, [/^genesys: host must be/]],
  ['a list of regions', { region: ['eu_west_1'] }, [/^genesys: region must be/]],
  ['an empty host', { host: '' }, [/^genesys: host must be the region's host alone/]],
  ['the host of the API', { host: 'api.mypurecloud.de' }, [/^genesys: host must be the region's host alone/]],
  ['a host with an empty label', { host: '.mypurecloud.de' }, [/^genesys: host must be/]],
  ['a baseUrl without a scheme', { baseUrl: 'api.mypurecloud.de' }, [/^baseUrl: /, /must begin with https:/]],
  ['an empty baseUrl', { baseUrl: '' }, [/^baseUrl: is missing/, /must begin with https:/]],
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
    [/^baseUrl: must begin with https:.*user name, password/],
  ],
])('%s is refused with the reason', (_, options, says) => {
  const { transport, requests } = answering(() => ({ body: [] }))
  const own = { auth: clientCredentials({ clientId: 'id', clientSecret: secret }), transport }
  // @ts-expect-error: as a caller without types may do
  const words = refusal(() => genesys({ ...options, ...own }))
  for (const wanted of says) expect(words).toMatch(wanted)
  expect(words).not.toContain(secret)
  expect(requests).toEqual([])
})

test('plain http is accepted for this machine, elsewhere with allowHttp', async () => {
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
  [
    `${secret}\n`,
    /^clientSecret: has a character that no header can hold, at position 17 of 18; was it read with its line end\?$/,
  ],
  [`${secret}é!`, /^clientSecret: has .* no header can hold, at position 17 of 19$/],
])('a client secret that no header can hold is refused, and not shown: %j', (clientSecret, says) => {
  const words = refusal(() => clientCredentials({ clientId: 'id', clientSecret }))
  expect(words).toMatch(says)
  expect(words).not.toContain(secret)
})

test.each([undefined, secret])('an auth that is none is refused by what there is for it', (given) => {
  // @ts-expect-error: as a caller without types may do
  const words = refusal(() => genesys({ region: 'us_east_1', auth: given }))
  expect(words).toBe('genesys: auth must be accessToken(…) or clientCredentials({ clientId, clientSecret })')
})

test('so are a client id and a token', () => {
  expect(refusal(() => clientCredentials({ clientId: 'i d', clientSecret: secret }))).toMatch(
    /^clientId: has a space in it; give it alone/,
  )
  expect(refusal(() => accessToken(`${secret}\r\n`))).toMatch(/^accessToken: has .* no header can hold/)
  expect(refusal(() => accessToken(`${secret}\r\n`))).not.toContain(secret)
})

test('an unknown option is a TypeError that lists the options there are, in the name of the function', () => {
  const options = { region: 'us_east_1', auth, confirmafter: 5 } as const
  const names = /unknown option confirmafter; there are region, host, baseUrl, loginUrl, auth, confirmAfter, fetch, /
  expect(refusal(() => genesys(options))).toMatch(names)
  expect(refusal(() => genesys(options))).toMatch(/^genesys: /)
  expect(refusal(() => client(options))).toMatch(/^client: unknown option/)
  expect(refusal(() => genesys({ region: 'us_east_1', auth, confirmAfter: -1 }))).toMatch(
    /^genesys: confirmAfter must be a number from 0 up/,
  )
  // @ts-expect-error: as a caller without types may do
  expect(refusal(() => genesys())).toMatch(/^genesys: the options must be an object with region and auth$/)
})

// As the vendor's own SDKs list them.
const hosts = `
  us_east_1 mypurecloud.com         eu_west_1 mypurecloud.ie          ap_southeast_2 mypurecloud.com.au
  ap_northeast_1 mypurecloud.jp     eu_central_1 mypurecloud.de       us_west_2 usw2.pure.cloud
  ca_central_1 cac1.pure.cloud      ap_northeast_2 apne2.pure.cloud   eu_west_2 euw2.pure.cloud
  ap_south_1 aps1.pure.cloud        us_east_2 use2.us-gov-pure.cloud  sa_east_1 sae1.pure.cloud
  me_central_1 mec1.pure.cloud      ap_northeast_3 apne3.pure.cloud   eu_central_2 euc2.pure.cloud
  mx_central_1 mxc1.pure.cloud      ap_southeast_1 apse1.pure.cloud   eusc_de_east_1 edee1.eusc-pure.cloud`

test('the 18 regions and their hosts', () => {
  const pairs = [...hosts.matchAll(/(\w+) ([\w.-]+)/g)].map(([, region, host]) => [region, host])
  expect(pairs).toHaveLength(18)
  expect(Object.entries(regions).sort()).toEqual(pairs.sort())
})
