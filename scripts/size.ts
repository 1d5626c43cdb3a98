// What the package weighs in a bundle for browsers, with its dependencies, against a budget: npm run size.
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from './package/shell.ts'

interface Budget {
  readonly name: string
  readonly code: string
  /** Bytes after gzip. Raise it knowingly: docs/benchmarks.md says what weighs how much. */
  readonly most: number
}

const budgets: ReadonlyArray<Budget> = [
  {
    name: 'the whole SDK',
    code: `export * from 'rxjobs'; export * from 'rxjobs/genesys'; export * from 'rxjobs/connect'`,
    most: 50_500,
  },
  {
    name: 'one operation of Genesys',
    code: `import { accessToken, client, getInfrastructureascodeJob } from 'rxjobs/genesys'
export const job = (token, jobId) =>
  client({ region: 'eu_central_1', auth: accessToken(token) }).run(getInfrastructureascodeJob, { jobId })`,
    most: 18_700,
  },
  {
    name: 'one operation of Connect',
    code: `import { client, getJob } from 'rxjobs/connect'
export const job = (server, apiKey, ref) => client({ server, apiKey }).run(getJob, ref)`,
    most: 19_600,
  },
  {
    name: 'a guard of an error, to which nothing else belongs',
    code: `export { isHttpError } from 'rxjobs'`,
    most: 300,
  },
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
    // The paths of tsconfig.json lead to the sources; what users bundle is what was built.
    tsconfigRaw: {},
  })
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).byteLength
}

for (const { name, code, most } of budgets) {
  const size = await sizeOf(code)
  console.log(`${size <= most ? '✓' : '✗'} ${name}: ${size} bytes after gzip, budget ${most}`)
  if (size > most) process.exitCode = 1
}
