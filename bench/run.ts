// Measures both editions side by side and writes docs/benchmarks.md: npm run bench [-- <measure>…] [--runs <n>]
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Report } from './measure.ts'
import { merged, page, section } from './page.ts'

const firstEdition = 'fb6aa4a'
/** Each measure, and in how many processes it runs, one after another: the median of them is told. */
const measures = { request: 5, tail: 5, bytes: 1, 'job-end': 1, pool: 1, idle: 1, import: 1 }

const root = fileURLToPath(new URL('..', import.meta.url))
const bench = join(root, 'bench')
const packages = join(bench, 'node_modules')
const results = join(packages, '.results')

/** Runs a command to its end. What it prints on stdout is returned, the rest is shown. */
function run(cwd: string, command: string, ...args: ReadonlyArray<string>): string {
  const { status, stdout, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'inherit'],
    // The measures import the built packages from node_modules, as a consumer does, not the sources.
    env: { ...process.env, TSX_TSCONFIG_PATH: join(bench, 'tsconfig.json') },
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}`)
  return stdout
}

/** Builds the first edition in a folder of its own. Only its build is kept: it runs on the same rxjs and io-ts as the second. */
function buildFirstEdition(): void {
  const target = join(packages, 'first-edition')
  if (existsSync(target)) return
  const folder = mkdtempSync(join(packages, '.build-'))
  try {
    run(root, 'git', 'archive', `--output=${join(folder, 'first.tar')}`, firstEdition)
    run(folder, 'tar', '-xf', 'first.tar')
    run(folder, 'npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund')
    run(folder, 'npm', 'run', 'build')
    mkdirSync(join(folder, 'kept'))
    for (const part of ['dist', 'package.json']) renameSync(join(folder, part), join(folder, 'kept', part))
    renameSync(join(folder, 'kept'), target)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function prepare(): void {
  if (!existsSync(join(packages, '.package-lock.json'))) run(bench, 'npm', 'ci', '--ignore-scripts', '--no-audit')
  rmSync(join(packages, 'rxjobs'), { force: true })
  symlinkSync(root, join(packages, 'rxjobs'), 'junction')
  buildFirstEdition()
  run(root, 'npm', 'run', 'build')
  mkdirSync(results, { recursive: true })
}

const isMeasure = (name: string): name is keyof typeof measures => Object.hasOwn(measures, name)
const names = Object.keys(measures).filter(isMeasure)

function measure(name: keyof typeof measures, runs: number): void {
  const file = join(bench, `${name}.ts`)
  const reports = Array.from({ length: runs }, () => {
    const printed = run(bench, process.execPath, '--expose-gc', '--import', 'tsx', file)
    return JSON.parse(printed) as Report
  })
  const report = merged(reports)
  writeFileSync(join(results, `${name}.json`), JSON.stringify(report))
  console.log(`${section(name, report)}\n`)
}

const { values, positionals } = parseArgs({ options: { runs: { type: 'string' } }, allowPositionals: true })
const unknown = positionals.find((name) => !isMeasure(name))
if (unknown !== undefined) throw new Error(`no such measure: ${unknown}; there are ${names.join(', ')}`)
prepare()
const wanted = positionals.length > 0 ? positionals.filter(isMeasure) : names
for (const name of wanted) measure(name, Number(values.runs ?? measures[name]))

const kept = names.map((name) => ({ name, path: join(results, `${name}.json`) }))
const missing = kept.filter(({ path }) => !existsSync(path)).map(({ name }) => name)
if (missing.length > 0) console.log(`docs/benchmarks.md is written when these have run, too: ${missing.join(', ')}`)
else {
  const reports = kept.map(({ name, path }) => [name, JSON.parse(readFileSync(path, 'utf8')) as Report] as const)
  const machine = `Node ${process.versions.node}, ${process.arch}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`
  writeFileSync(join(root, 'docs', 'benchmarks.md'), page(reports, machine))
}
