import type { Plugin } from 'esbuild'

const file = /\/(default|platform)-fetch\.ts$/

/**
 * Keeps `default-fetch.ts` a file of its own, under its own name, so that package.json's `browser` can put
 * `platform-fetch.ts` in its place.
 */
export const fetches: Plugin = {
  name: 'fetches',
  setup(build) {
    build.onResolve({ filter: file }, ({ kind }) =>
      kind === 'entry-point' ? undefined : { path: './core/default-fetch.js', external: true },
    )
  },
}
