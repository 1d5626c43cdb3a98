import type { Fetch } from './fetch-transport.ts'

/**
 * A fetch that is loaded with its first request: who brings another one, or sends nothing, never pays for it.
 *
 * Requests that come meanwhile share the load. One that failed says what to do, and is tried again by the next request.
 * Who leaves before it is there sends nothing, because a fetch that is given an aborted signal does not.
 */
export function lazyFetch(load: () => Promise<{ readonly default: Fetch }>): Fetch {
  let loading: Promise<{ readonly default: Fetch }> | undefined
  return async (url, init) => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw new Error('cross-fetch cannot be loaded; the client takes another `fetch`', { cause: error })
    })
    const { default: fetch } = await loading
    return fetch(url, init)
  }
}
