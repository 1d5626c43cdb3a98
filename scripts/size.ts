// The size of the package in bundles for browsers, with its dependencies, against budgets: npm run size.
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from './shell.ts'

interface Budget {
  readonly name: string
  readonly code: string
  /** Bytes after gzip, rxjs and io-ts included: little more than what is reached. docs/benchmarks.md has the goals. */
  readonly max: number
}

const budgets: ReadonlyArray<Budget> = [
  {
    name: 'both services',
    code: `export * from 'rxjobs'; export * from 'rxjobs/genesys'; export * from 'rxjobs/connect'`,
    max: 53_200,
  },
  {
    name: 'an app that follows jobs of Connect',
    code: `export { followJob } from 'rxjobs'; export { connect } from 'rxjobs/connect'`,
    max: 38_800,
  },
  {
    name: 'an app that watches jobs of Genesys',
    code: `export { thenFetchErrors, thenWatch } from 'rxjobs'; export { clientCredentials, genesys } from 'rxjobs/genesys'`,
    max: 27_500,
  },
  {
    name: 'one operation of Genesys',
    code: `import { accessToken, client, getInfrastructureascodeJob } from 'rxjobs/genesys'
export const job = (token, jobId) =>
  client({ region: 'eu_central_1', auth: accessToken(token) }).run(getInfrastructureascodeJob, { jobId })`,
    max: 15_700,
  },
  {
    name: 'one operation of Connect',
    code: `import { client, getJob } from 'rxjobs/connect'
export const job = (server, apiKey, ref) => client({ server, apiKey }).run(getJob, ref)`,
    max: 19_100,
  },
  { name: 'isApiError alone', code: `export { isApiError } from 'rxjobs'`, max: 400 },
]

/** The size of a bundle in bytes after gzip. The package finds itself by its name. */
async function sizeOf(code: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: root },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'error',
    // Loaded only where the platform has no fetch.
    external: ['cross-fetch'],
    // The paths of tsconfig.json lead to the sources; what users bundle is what was built.
    tsconfigRaw: {},
  })
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).byteLength
}

for (const { name, code, max } of budgets) {
  const size = await sizeOf(code)
  console.log(`${size <= max ? '✓' : '✗'} ${name}: ${size} bytes after gzip, budget ${max}`)
  if (size > max) process.exitCode = 1
}
