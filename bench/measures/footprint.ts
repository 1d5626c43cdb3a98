// What it costs to have the package: import, bundle, installation.
import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { inTurns, median } from '../measuring.ts'
import { type Mark, report, type Row } from '../report.ts'

const bench = fileURLToPath(new URL('..', import.meta.url))
const root = join(bench, '..')
const rows: Array<Row> = []
const marks: Array<Mark> = []

interface Spent {
  readonly cpu: number
  readonly wall: number
  readonly rss: number
  readonly heap: number
}

/** What a new process spends on a program, its own start among it. */
function spent(cwd: string, program: string): Spent {
  const code = `${program}
    const { user, system } = process.cpuUsage()
    const wall = performance.now()
    gc()
    const { rss, heapUsed: heap } = process.memoryUsage()
    console.log(JSON.stringify({ cpu: (user + system) / 1000, wall, rss, heap }))
    process.exit()`
  const args = ['--expose-gc', '--input-type=module', '--eval', code]
  return JSON.parse(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' })) as Spent
}

const importing: ReadonlyArray<readonly [subject: string, cwd: string, modules: ReadonlyArray<string>]> = [
  ['rxjs and io-ts', root, ['rxjs', 'io-ts']],
  ['rxjs, io-ts and cross-fetch', root, ['rxjs', 'io-ts', 'cross-fetch']],
  ['rxjobs, both services', root, ['rxjobs', 'rxjobs/genesys', 'rxjobs/connect']],
  ['rxjobs/genesys', root, ['rxjobs/genesys']],
  ['Genesys SDK', bench, ['purecloud-platform-client-v2']],
  ['Effect', bench, ['effect']],
  ['@azure/core-lro', bench, ['@azure/core-lro']],
]

// A service with one job, and what a new process does to read it once.
const server = fork(join(bench, 'job-server.ts'), { execArgv: ['--import', 'tsx'] })
const [port] = (await once(server, 'message')) as [number]
const baseUrl = `http://127.0.0.1:${port}`
const url = `${baseUrl}/api/v2/infrastructureascode/jobs/a-job`
const bySdk = (options: string): string => `
  import { accessToken, genesys } from 'rxjobs/genesys'
  const cx = genesys({ baseUrl: '${baseUrl}', auth: accessToken('a-token'), ${options} })
  const job = cx.getInfrastructureascodeJob({ jobId: 'a-job' })
  await new Promise((complete, error) => job.subscribe({ complete, error }))`
const asking: ReadonlyArray<readonly [subject: string, cwd: string, code: string]> = [
  ['rxjobs over cross-fetch', root, bySdk('')],
  ['rxjobs over native fetch', root, bySdk('fetch')],
  ['cross-fetch, bare', root, `import fetch from 'cross-fetch'; await (await fetch('${url}')).json()`],
  ['native fetch, bare', root, `await (await fetch('${url}')).json()`],
  [
    'Genesys SDK',
    bench,
    `import sdk from 'purecloud-platform-client-v2'
     sdk.ApiClient.instance.setGateway({ host: '127.0.0.1', protocol: 'http', port: ${port} })
     sdk.ApiClient.instance.setAccessToken('a-token')
     await new sdk.InfrastructureAsCodeApi().getInfrastructureascodeJob('a-job')`,
  ],
]

const warmUp = 1
const spending = new Map<string, Array<Spent>>()
const subjects: ReadonlyArray<readonly [key: string, run: () => Spent]> = [
  ['nothing', () => spent(root, '')],
  ...importing.map(
    ([subject, cwd, modules]) =>
      [`import ${subject}`, () => spent(cwd, modules.map((name) => `import '${name}'`).join('\n'))] as const,
  ),
  ...asking.map(([subject, cwd, code]) => [`first ${subject}`, () => spent(cwd, code)] as const),
]
await inTurns(
  subjects.map(([key, run]) => {
    const found: Array<Spent> = []
    spending.set(key, found)
    return [
      key,
      () => {
        const one = run()
        found.push(one)
        return one.cpu
      },
    ]
  }),
  { rounds: 15, warmUp },
)
server.disconnect()

/** The middle of the differences within a round: what disturbs the machine meets both. */
function over(base: string, key: string, of: keyof Spent): number {
  const bases = spending.get(base) ?? []
  const differences = (spending.get(key) ?? []).map((one, round) => one[of] - (bases[round]?.[of] ?? Number.NaN))
  return median(differences.slice(warmUp))
}
const middle = (key: string, of: keyof Spent): number => over('nothing', key, of)
for (const [subject] of importing) {
  const key = `import ${subject}`
  rows.push(
    { measure: 'import, processor time', subject, value: middle(key, 'cpu'), unit: 'ms' },
    { measure: 'import, wall time', subject, value: middle(key, 'wall'), unit: 'ms' },
    { measure: 'import, resident memory', subject, value: middle(key, 'rss') / 2 ** 20, unit: 'MiB' },
    { measure: 'import, heap', subject, value: middle(key, 'heap') / 2 ** 20, unit: 'MiB' },
  )
}
for (const [subject] of asking) {
  const key = `first ${subject}`
  rows.push(
    { measure: 'import and first request, processor time', subject, value: middle(key, 'cpu'), unit: 'ms' },
    { measure: 'import and first request, wall time', subject, value: middle(key, 'wall'), unit: 'ms' },
  )
}
const onTop = over('import rxjs and io-ts', 'import rxjobs, both services', 'cpu')
const fetching = over('import rxjs and io-ts', 'import rxjs, io-ts and cross-fetch', 'cpu')
marks.push({
  what: 'import of rxjobs over rxjs and io-ts, processor time in ms',
  bound: '≤ 15 ms',
  value: onTop,
  met: onTop <= 15,
})

interface Weight {
  readonly bytes: number
  /** Minified bytes of each package in it, the largest first. */
  readonly parts: ReadonlyArray<readonly [name: string, bytes: number]>
}

/** A bundle for browsers, after gzip. */
async function bundled(resolveDir: string, contents: string, conditions: Array<string>): Promise<Weight> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    conditions,
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'error',
    tsconfigRaw: {},
    external: ['node:*', 'fs', 'path', 'os', 'http', 'https', 'crypto', 'util', 'zlib', 'stream', 'url'],
  })
  const parts = new Map<string, number>()
  for (const [file, { bytesInOutput }] of Object.entries(Object.values(metafile.outputs)[0]?.inputs ?? {})) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? 'rxjobs'
    parts.set(name, (parts.get(name) ?? 0) + bytesInOutput)
  }
  return {
    bytes: gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).byteLength,
    parts: [...parts].filter(([, bytes]) => bytes > 0).sort(([, a], [, b]) => b - a),
  }
}

const everything = `export * from 'rxjobs'; export * from 'rxjobs/genesys'; export * from 'rxjobs/connect'`
const oneOperation = `
  import { accessToken, client, getInfrastructureascodeJob } from 'rxjobs/genesys'
  export const job = (token, jobId) =>
    client({ region: 'eu_central_1', auth: accessToken(token) }).run(getInfrastructureascodeJob, { jobId })`
const ofOthers = `
  export { Type, string, boolean, appendContext, success, failures } from 'io-ts'
  export { Observable, catchError, defer, map, mergeMap, of, retry, tap, timer } from 'rxjs'`
type Bundle = readonly [subject: string, resolveDir: string, code: string, conditions?: Array<string>]
const bundles: ReadonlyArray<Bundle> = [
  ['rxjobs, all of it', root, everything],
  ['rxjobs, all of it, rxjs as es2015', root, everything, ['es2015']],
  ['rxjobs, one operation', root, oneOperation],
  ['rxjobs, one operation, rxjs as es2015', root, oneOperation, ['es2015']],
  ['what of rxjs and io-ts is in it', root, ofOthers],
  ['what of rxjs and io-ts is in it, rxjs as es2015', root, ofOthers, ['es2015']],
  ['Genesys SDK', bench, `export { default } from 'purecloud-platform-client-v2'`],
  ['Effect, Schedule, Schema, Stream of effect', bench, `export { Effect, Schedule, Schema, Stream } from 'effect'`],
  ['@azure/core-lro', bench, `export * from '@azure/core-lro'`],
]
const weights = new Map<string, Weight>()
for (const [subject, resolveDir, code, conditions = []] of bundles) {
  const weight = await bundled(resolveDir, code, conditions)
  weights.set(subject, weight)
  rows.push({ measure: 'bundle, gzip', subject, value: weight.bytes / 1_000, unit: 'kB' })
}
const whole = weights.get('rxjobs, all of it')
const one = weights.get('rxjobs, one operation')
for (const [what, weight, most] of [
  ['whole SDK with its dependencies, gzip, kB', whole, 20],
  ['one operation of one service, gzip, kB', one, 14],
] as const) {
  const value = (weight?.bytes ?? Number.NaN) / 1_000
  marks.push({ what, bound: `≤ ${most} kB`, value, met: value <= most })
}

/** An installation in an empty folder: its size, and how many packages it brings. */
function installed(...packages: ReadonlyArray<string>): { readonly bytes: number; readonly count: number } {
  const folder = mkdtempSync(join(tmpdir(), 'rxjobs-bench-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{"private":true}')
    const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', ...packages]
    execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
    const files = readdirSync(join(folder, 'node_modules'), { recursive: true, encoding: 'utf8' })
    const { packages: listed } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
      readonly packages: Record<string, unknown>
    }
    const there = Object.keys(listed).filter((path) => path !== '' && existsSync(join(folder, path)))
    const bytes = files
      .map((file) => statSync(join(folder, 'node_modules', file)))
      .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)
    return { bytes, count: there.length }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const { dependencies } = JSON.parse(readFileSync(join(bench, 'package.json'), 'utf8')) as {
  readonly dependencies: Record<string, string>
}
const packed = mkdtempSync(join(tmpdir(), 'rxjobs-bench-'))
try {
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', packed], { cwd: root, stdio: 'ignore' })
  const tarball = join(packed, readdirSync(packed)[0] ?? '')
  const installing: ReadonlyArray<readonly [subject: string, packages: string]> = [
    ['rxjobs', tarball],
    ...['purecloud-platform-client-v2', 'effect', '@azure/core-lro'].map(
      (name) => [name, `${name}@${dependencies[name] ?? ''}`] as const,
    ),
  ]
  for (const [subject, packages] of installing) {
    const { bytes, count } = installed(packages)
    rows.push(
      { measure: 'installation, size', subject, value: bytes / 2 ** 20, unit: 'MiB' },
      { measure: 'installation, packages', subject, value: count, unit: '' },
    )
  }
} finally {
  rmSync(packed, { recursive: true, force: true })
}

const kB = (subject: string): number => Number(((weights.get(subject)?.bytes ?? Number.NaN) / 1_000).toFixed(1))
const told = (weight: Weight | undefined): string =>
  (weight?.parts ?? []).map(([name, bytes]) => `${name} ${(bytes / 1_000).toFixed(1)}`).join(', ')

report({
  title: 'Footprint',
  how: 'Imports by a program in a new process each time, over an empty one; bundles by esbuild, minified, for browsers; installations from the registry into an empty folder.',
  rows,
  marks,
  plots: [
    {
      kind: 'bars',
      title: 'Bundle after gzip',
      unit: 'kB',
      bars: bundles.map(([subject]) => ({ label: subject, value: (weights.get(subject)?.bytes ?? 0) / 1_000 })),
    },
    {
      kind: 'bars',
      title: 'Import, processor time over an empty process',
      unit: 'ms',
      bars: importing.map(([subject]) => ({ label: subject, value: middle(`import ${subject}`, 'cpu') })),
    },
  ],
  notes: [
    `What weighs in the whole bundle, in kB before gzip: ${told(whole)}. In one operation: ${told(one)}. \`npm run size\` holds both to a budget near what is reached.`,
    `What an empty SDK would weigh: rxjs and io-ts bring ${kB('what of rxjs and io-ts is in it')} kB by themselves, what is used of them in one operation, as bundlers find them. Of that ${(kB('what of rxjs and io-ts is in it') - kB('what of rxjs and io-ts is in it, rxjs as es2015')).toFixed(1)} kB are rxjs in ES5 with tslib, which is what its package gives a bundler that does not ask for its ES2015 build: \`conditions: ['es2015']\` (esbuild), \`resolve.conditionNames\` (webpack), \`resolve.conditions\` (Vite), \`exportConditions\` (Rollup) do. That is the application's to say, since it has one rxjs.`,
    'Why the marks of the bundles are missed: they were set for rxjs and io-ts alone and are not to be had with a pool, a log that proves its place, redaction, bounded readers and errors that say what to do, none of which is large: no file of the sources is much above 2 kB, minified. What was tried: the polyfill over XMLHttpRequest that cross-fetch has for browsers is out of their bundles (3.6 kB of each: there cross-fetch gives the platform’s own fetch, and so does what stands in its place), and each constant says of itself that it may be left out (0.5 kB of one operation of Genesys, 2.7 kB of one of Connect). What it would take: names of private fields that are shortened in the build (unreadable stacks for about 1 kB), texts of errors as numbers, and two hand-made observables in the place of rxjs’s `of` (0.4 kB in one operation, nothing as soon as a program uses it itself).',
    'esbuild bundles for the figures because its result is the largest: Rollup with terser makes one operation 10 % smaller, webpack and Rolldown 5 %. A bundle that uses only some exports pays for those: the whole is the upper bound. Peers are bundled whole, or in the parts named, which are not the same features: core-lro polls and nothing else, the Genesys SDK has some thousand operations and no codecs.',
    `Before, the import was that of more than a hundred modules, each found, read and linked by Node, and of cross-fetch with node-fetch and whatwg-url: ${fetching.toFixed(0)} ms by itself, which the first request pays now ("import and first request"), and a program with its own fetch never. It is that of five modules now. Where it misses its mark: by itself, behind rxjs and io-ts in the same process, \`rxjobs\` takes 13 ms in the best of 15 runs, \`rxjobs/genesys\` 3 and \`rxjobs/connect\` 2, and under \`--cpu-prof\` that is compiling (5 ms for the shared 160 kB), reading, and looking for packages; making the codecs and classes is below 1 ms. Tried besides: minified code, which V8 takes as long to compile. It would take Node's compile cache, which is the application's to turn on (\`NODE_COMPILE_CACHE\`, from Node 22), or entries for parts of a service, which nobody should have to know.`,
    'Modules come from the file system’s cache; a first start after a boot is slower for all. Where the machine is busy, all of these times are longer, in about the same proportion; the mark compares the two imports of each round.',
  ],
})
