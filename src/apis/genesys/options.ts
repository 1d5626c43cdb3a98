import type { Auth, ConnectionOptions } from '../../core/index.ts'
import { type Region, regions } from './regions.ts'

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
     * Milliseconds after which `Failed` and `Incomplete` must still hold to count as the end, for services that go on
     * from there to a rollback. Whether yours does is not documented. Default: at once, unless the answer itself said
     * that the job is in progress.
     */
    readonly settle?: number
  }

/** The addresses of API and login, which the client checks. Without the latter, tokens come from the former. */
export interface Addresses {
  readonly baseUrl: string
  readonly loginUrl?: string
}

function isRegion(name: string): name is Region {
  return Object.hasOwn(regions, name)
}

function hostOf(options: Exclude<GenesysPlace, { readonly baseUrl: string }>): string {
  if (options.host !== undefined) {
    if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(options.host)) {
      // Not what it was: an address may hold a password.
      throw new TypeError('host: must be a host name alone, such as mypurecloud.de; for an address use baseUrl')
    }
    const [first = ''] = options.host.split('.')
    if (['api', 'login', 'apps'].includes(first)) {
      throw new TypeError(`host: leave out "${first}.": it is the region's host alone, such as mypurecloud.de`)
    }
    return options.host
  }
  const region: string = options.region
  if (!isRegion(region)) {
    const meant = region.replaceAll('-', '_')
    if (isRegion(meant)) throw new TypeError(`region: "${region}" is written ${meant}`)
    const shown = /^[a-z]{2,4}([_-][a-z]+)+[_-]\d$/.test(region) ? `"${region}" ` : ''
    throw new TypeError(
      `region: ${shown}is not known; it is one of ${Object.keys(regions).join(', ')}. For a newer region give its host`,
    )
  }
  return regions[region]
}

/**
 * Works out the addresses.
 *
 * @throws TypeError for an unknown region, a host that is more than a host, more than one place, or none
 */
export function addresses(options: GenesysOptions): Addresses {
  const places = [options.region, options.host, options.baseUrl].filter((place) => place !== undefined)
  if (places.length !== 1) throw new TypeError('genesys: give exactly one of region, host and baseUrl')
  const { loginUrl } = options
  if (options.baseUrl !== undefined) {
    return { baseUrl: options.baseUrl, ...(loginUrl === undefined ? {} : { loginUrl }) }
  }
  const host = hostOf(options)
  return { baseUrl: `https://api.${host}`, loginUrl: loginUrl ?? `https://login.${host}` }
}
