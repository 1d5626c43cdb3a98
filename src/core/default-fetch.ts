import type { Fetch } from './fetch-transport.ts'
import { lazyFetch } from './lazy-fetch.ts'

/** The fetch of who brings none: cross-fetch. In bundles for browsers, `platform-fetch.ts` stands in for this file. */
export const defaultFetch = (): Fetch => lazyFetch(() => import('cross-fetch'))
