// What it costs to have the package: import, bundle, installation.
import { execFileSync } from 'node:child_process'
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

interface Imported {
  readonly cpu: number
  readonly wall: number
  readonly rss: number
}

/** What a new process pays to import modules. */
function imported(cwd: string, modules: ReadonlyArray<string>): Imported {
  const code = `
    const [clock, before, rss] = [performance.now(), process.cpuUsage(), process.memoryUsage().rss]
    for (const name of ${JSON.stringify(modules)}) await import(name)
    const { user, system } = process.cpuUsage(before)
    const wall = performance.now() - clock
    gc()
    console.log(JSON.stringify({ cpu: (user + system) / 1000, wall, rss: process.memoryUsage().rss - rss }))`
  const args = ['--expose-gc', '--input-type=module', '--eval', code]
  return JSON.parse(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' })) as Imported
}

// The same package as one file, its dependencies left out: what a build step of its own would give.
const oneFile = join(root, 'dist', 'bench', 'one-file.js')
await build({
  stdin: {
    contents: `export * from 'rxjobs'; export * from 'rxjobs/genesys'; export * from 'rxjobs/connect'`,
    resolveDir: root,
  },
  bundle: true,
  format: 'esm',
  platform: 'node',
  outfile: oneFile,
  logLevel: 'error',
  tsconfigRaw: {},
  external: ['rxjs', 'io-ts', 'cross-fetch', 'fp-ts'],
})

const importing: ReadonlyArray<readonly [subject: string, cwd: string, modules: ReadonlyArray<string>]> = [
  ['rxjs and io-ts', root, ['rxjs', 'io-ts']],
  ['rxjs, io-ts and cross-fetch', root, ['rxjs', 'io-ts', 'cross-fetch']],
  ['rxjobs, both services', root, ['rxjobs', 'rxjobs/genesys', 'rxjobs/connect']],
  ['rxjobs, both services, as one file', root, [oneFile]],
  ['rxjobs/genesys', root, ['rxjobs/genesys']],
  ['Genesys SDK', bench, ['purecloud-platform-client-v2']],
  ['Effect', bench, ['effect']],
  ['@azure/core-lro', bench, ['@azure/core-lro']],
]
const all = new Map<string, Array<Imported>>()
await inTurns(
  importing.map(([subject, cwd, modules]) => {
    const found: Array<Imported> = []
    all.set(subject, found)
    return [
      subject,
      () => {
        const one = imported(cwd, modules)
        found.push(one)
        return one.cpu
      },
    ]
  }),
  { rounds: 5, warmUp: 1 },
)
rmSync(join(oneFile, '..'), { recursive: true })
const middle = (subject: string, of: keyof Imported): number => median((all.get(subject) ?? []).map((one) => one[of]))
for (const [subject] of importing) {
  rows.push(
    { measure: 'import, processor time', subject, value: middle(subject, 'cpu'), unit: 'ms' },
    { measure: 'import, wall time', subject, value: middle(subject, 'wall'), unit: 'ms' },
    { measure: 'import, resident memory', subject, value: middle(subject, 'rss') / 2 ** 20, unit: 'MiB' },
  )
}
const over = (of: 'cpu' | 'wall', base: string): number => middle('rxjobs, both services', of) - middle(base, of)
const [spent, onTop] = [over('cpu', 'rxjs and io-ts'), over('cpu', 'rxjs, io-ts and cross-fetch')]
marks.push({
  what: 'import of rxjobs over rxjs and io-ts, processor time in ms',
  bound: '≤ 15 ms',
  value: spent,
  met: spent <= 15,
})

interface Weight {
  readonly bytes: number
  /** Minified bytes of each package in it, the largest first. */
  readonly parts: ReadonlyArray<readonly [name: string, bytes: number]>
}

/** A bundle for browsers, after gzip. */
async function bundled(resolveDir: string, contents: string): Promise<Weight> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'error',
    tsconfigRaw: {},
    external: ['node:*', 'fs', 'path', 'os', 'http', 'https', 'crypto', 'util', 'zlib', 'stream', 'url'],
  })
  const parts = new Map<string, number>()
  for (const [file, { bytesInOutput }] of Object.entries(Object.values(metafile.outputs)[0]?.inputs ?? {})) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? /dist\/(\w+)\//.exec(file)?.[1] ?? 'rest'
    parts.set(name, (parts.get(name) ?? 0) + bytesInOutput)
  }
  return {
    bytes: gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).byteLength,
    parts: [...parts].filter(([, bytes]) => bytes > 0).sort(([, a], [, b]) => b - a),
  }
}

const bundles: ReadonlyArray<readonly [subject: string, resolveDir: string, code: string]> = [
  ['rxjobs, all of it', root, `export * from 'rxjobs'; export * from 'rxjobs/genesys'; export * from 'rxjobs/connect'`],
  [
    'rxjobs, one operation',
    root,
    `import { accessToken, client, getInfrastructureascodeJob } from 'rxjobs/genesys'
     export const job = (token, jobId) =>
       client({ region: 'eu_central_1', auth: accessToken(token) }).run(getInfrastructureascodeJob, { jobId })`,
  ],
  [
    'what of rxjs, io-ts, cross-fetch is in it',
    root,
    `import crossFetch from 'cross-fetch'
     export { Type, string, boolean, appendContext, success, failures } from 'io-ts'
     export { Observable, catchError, defer, map, mergeMap, of, retry, tap, timer } from 'rxjs'
     export { crossFetch }`,
  ],
  ['Genesys SDK', bench, `export { default } from 'purecloud-platform-client-v2'`],
  ['Effect, Schedule, Schema, Stream of effect', bench, `export { Effect, Schedule, Schema, Stream } from 'effect'`],
  ['@azure/core-lro', bench, `export * from '@azure/core-lro'`],
]
const weights = new Map<string, Weight>()
for (const [subject, resolveDir, code] of bundles) {
  const weight = await bundled(resolveDir, code)
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

const told = (weight: Weight | undefined): string =>
  (weight?.parts ?? []).map(([name, bytes]) => `${name} ${(bytes / 1_000).toFixed(1)}`).join(', ')

report({
  title: 'Footprint',
  how: 'Import in a new process each time, over an empty one; bundles by esbuild, minified, for browsers; installations from the registry into an empty folder.',
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
      bars: importing.map(([subject]) => ({ label: subject, value: middle(subject, 'cpu') })),
    },
  ],
  notes: [
    `What weighs in the whole bundle, in kB before gzip: ${told(whole)}. In one operation: ${told(one)}. \`npm run size\` holds both to a budget near what is reached.`,
    `What rxjs, io-ts and cross-fetch bring by themselves is ${((weights.get('what of rxjs, io-ts, cross-fetch is in it')?.bytes ?? 0) / 1_000).toFixed(1)} kB of it: the marks were set for rxjs and io-ts alone, and for an SDK without a pool, a log that proves its place, redaction and bounded readers. The marks are not to be had without leaving some of that out of the core: cross-fetch (a polyfill over XMLHttpRequest that no browser of today needs) would have to be asked for, not given by default, and failures be told in fewer words.`,
    'A bundle that uses only some exports pays for those: the whole is the upper bound. Peers are bundled whole, or in the parts named, which are not the same features: core-lro polls and nothing else, the Genesys SDK has some thousand operations and no codecs.',
    `Why the import misses its mark: of the ${spent.toFixed(0)} ms over rxjs and io-ts, ${(spent - onTop).toFixed(0)} ms are cross-fetch, which is node-fetch with whatwg-url on Node, and the rest is more than a hundred small modules, each found, read and linked by Node. Tried: the same code as one file takes ${(middle('rxjobs, both services', 'cpu') - middle('rxjobs, both services, as one file', 'cpu')).toFixed(0)} ms less. It would take a bundler in the build, against the decision for tsc alone (declarations and maps that lead to the sources), and a cross-fetch that is loaded with the first request. Bundlers of users do the first already.`,
    'Modules come from the file system’s cache; a first start after a boot is slower for all. Where the machine is busy, all of these times are longer, in about the same proportion.',
  ],
})
