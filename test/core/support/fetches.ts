import crossFetch from 'cross-fetch'
import type { Fetch } from '../../../src/core/index.ts'

/** Both kinds of fetch: one whose bodies are Node streams, one whose bodies are web streams. */
export const fetches: ReadonlyArray<readonly [name: string, fetch: Fetch]> = [
  ['cross-fetch', crossFetch],
  ['native fetch', fetch],
]
