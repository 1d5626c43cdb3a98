import {
  aNumberFromZero,
  type Auth,
  type ClientOptions,
  type ConnectionOptions,
  checkOptions,
  connectionTable,
  type OptionTable,
} from '../../core/index.ts'

/** The regions of Genesys Cloud and their hosts, from the vendor's own SDKs. A new one appears about once a year: `host` takes any. */
// biome-ignore format: a table
export const regions = {
  us_east_1: 'mypurecloud.com', eu_west_1: 'mypurecloud.ie', ap_southeast_2: 'mypurecloud.com.au',
  ap_northeast_1: 'mypurecloud.jp', eu_central_1: 'mypurecloud.de', us_west_2: 'usw2.pure.cloud',
  ca_central_1: 'cac1.pure.cloud', ap_northeast_2: 'apne2.pure.cloud', eu_west_2: 'euw2.pure.cloud',
  ap_south_1: 'aps1.pure.cloud', us_east_2: 'use2.us-gov-pure.cloud', sa_east_1: 'sae1.pure.cloud',
  me_central_1: 'mec1.pure.cloud', ap_northeast_3: 'apne3.pure.cloud', eu_central_2: 'euc2.pure.cloud',
  mx_central_1: 'mxc1.pure.cloud', ap_southeast_1: 'apse1.pure.cloud', eusc_de_east_1: 'edee1.eusc-pure.cloud',
} as const

/** The name of a region, as the vendor writes it. */
export type Region = keyof typeof regions

/** Where the service is: exactly one of these. */
export type GenesysPlace =
  | { readonly region: Region; readonly host?: never; readonly baseUrl?: never }
  | { readonly host: string; readonly region?: never; readonly baseUrl?: never }
  | { readonly baseUrl: string; readonly region?: never; readonly host?: never }

/** How to reach Genesys Cloud. */
export type GenesysOptions = GenesysPlace &
  ConnectionOptions & {
    /** Where tokens come from. Default `https://login.{host}`; with a `baseUrl`, that. */
    readonly loginUrl?: string
    /** `accessToken(token)` or `clientCredentials({ clientId, clientSecret })`. */
    readonly auth: Auth
    /**
     * Milliseconds for which `Failed` and `Incomplete` must hold before the job counts as over, for services that go on from
     * there to a rollback. Whether yours does is not documented. Default 0, and 2000 where the response says that the job is in
     * progress (202).
     */
    readonly confirmAfter?: number
  }

// Without the API's or the login's own label.
const hostName = /^(?!(api|login|apps)\.)[a-z0-9-]+(\.[a-z0-9-]+)*$/i

const optionTable: OptionTable = {
  region: (region) =>
    typeof region === 'string' && Object.hasOwn(regions, region)
      ? undefined
      : `one of ${Object.keys(regions).join(', ')}; or give its host`,
  host: (host) =>
    typeof host === 'string' && hostName.test(host)
      ? undefined
      : "the region's host alone (mypurecloud.de); for an address give baseUrl",
  ...{ baseUrl: null, loginUrl: null, auth: null, confirmAfter: aNumberFromZero },
  ...connectionTable,
}

/**
 * Checks the options and works out the addresses of API and login.
 *
 * @throws TypeError for an unknown option, an unknown region, a host that is more than a host, more than one place, or none
 */
export function clientOptions(caller: string, options: GenesysOptions): ClientOptions {
  checkOptions(caller, options, optionTable, 'region and auth')
  const { region, host, baseUrl, loginUrl, confirmAfter: _, ...connection } = options
  if (typeof options.auth !== 'function') {
    throw new TypeError(`${caller}: auth must be accessToken(…) or clientCredentials({ clientId, clientSecret })`)
  }
  if ([region, host, baseUrl].filter((place) => place !== undefined).length !== 1) {
    throw new TypeError(`${caller}: give exactly one of region, host and baseUrl`)
  }
  if (baseUrl !== undefined) return { ...connection, baseUrl, loginUrl: loginUrl ?? baseUrl }
  const name = host ?? regions[region]
  return { ...connection, baseUrl: `https://api.${name}`, loginUrl: loginUrl ?? `https://login.${name}` }
}
