import { build } from 'esbuild'
import type { Project } from './project.ts'
import { runModule } from './shell.ts'

/** Checks that cross-fetch is not loaded by an import, and is loaded by a request. */
export function lazyFetch({ folder }: Project): ReadonlyArray<string> {
  const loaded = runModule(
    folder,
    `import { createRequire } from 'node:module'
      import { accessToken, genesys } from 'rxjobs/genesys'
      const { cache } = createRequire(import.meta.url)
      const isLoaded = () => Object.keys(cache).some((path) => path.includes('cross-fetch'))
      const cx = genesys({ baseUrl: 'http://127.0.0.1:9', auth: accessToken('a-token'), retry: false })
      const before = isLoaded()
      cx.getInfrastructureascodeJob({ jobId: 'a-job' }).subscribe({ error: () => console.log(before, isLoaded()) })`,
  ).trim()
  return loaded === 'false true' ? [] : [`cross-fetch is loaded before and after the first request: ${loaded}`]
}

/** Checks that a bundle for browsers has the platform's fetch in the place of cross-fetch. */
export async function platformFetch({ folder }: Project): Promise<ReadonlyArray<string>> {
  const { outputFiles } = await build({
    stdin: { contents: `export * from 'rxjobs'`, resolveDir: folder },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'error',
  })
  const text = outputFiles.map((file) => file.text).join('\n')
  return text.includes('XMLHttpRequest') ? ['a bundle for browsers holds the polyfill of cross-fetch'] : []
}
