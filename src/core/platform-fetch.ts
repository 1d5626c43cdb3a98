import type { Fetch } from './fetch-transport.ts'

/**
 * What stands in for `default-fetch.ts` in bundles for browsers, by `browser` in package.json: the platform's own fetch.
 *
 * It is what cross-fetch gives there, too, beside a polyfill that no engine needs which can run the rest of this package.
 */
export const defaultFetch = (): Fetch => (url, init) => fetch(url, init)
