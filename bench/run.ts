// Runs benches, each in a process of its own, and writes docs/benchmarks.md: npm run bench [-- <name>…]
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Kept, page, plotFile, section, type Setting } from './page.ts'
import type { Report } from './report.ts'
import { svg } from './svg.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const bench = join(root, 'bench')
const results = join(root, 'docs', 'benchmarks')

/** Runs a command to its end; what it prints on stdout is given, the rest is shown. */
function run(command: string, args: ReadonlyArray<string>): string {
  const { status, stdout, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'inherit'],
    // The measures import the built package by its own name, as a consumer does.
    env: { ...process.env, TSX_TSCONFIG_PATH: join(bench, 'tsconfig.json') },
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}`)
  return stdout
}

const parsed = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

function versions(): Readonly<Record<string, string>> {
  const peers = Object.keys((parsed(join(bench, 'package.json')) as { dependencies: object }).dependencies)
  const of = (folder: string, name: string): readonly [string, string] => [
    name,
    (parsed(join(folder, 'node_modules', name, 'package.json')) as { version: string }).version,
  ]
  return Object.fromEntries([
    ...['rxjs', 'io-ts', 'fp-ts', 'cross-fetch'].map((name) => of(root, name)),
    ...peers.map((name) => of(bench, name)),
  ])
}

function setting(): Setting {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    processor: `${process.arch}, ${cpus()[0]?.model ?? 'unknown'}`,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    versions: versions(),
  }
}

const known = readdirSync(join(bench, 'measures'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace(/\.ts$/, ''))
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !known.includes(name))
if (unknown.length > 0) throw new Error(`no such bench: ${unknown.join(', ')}; there are ${known.join(', ')}`)

if (!existsSync(join(bench, 'node_modules'))) run('npm', ['ci', '--prefix', bench, '--ignore-scripts'])
run('npm', ['run', 'build'])
mkdirSync(results, { recursive: true })
for (const name of asked.length > 0 ? asked : known) {
  const printed = run(process.execPath, ['--expose-gc', '--import', 'tsx', join(bench, 'measures', `${name}.ts`)])
  const kept: Kept = { bench: name, setting: setting(), report: JSON.parse(printed) as Report }
  writeFileSync(join(results, `${name}.json`), `${JSON.stringify(kept, undefined, 2)}\n`)
  for (const [at, plot] of kept.report.plots.entries()) writeFileSync(join(results, plotFile(name, at)), svg(plot))
  console.log(`${section(kept)}\n`)
}
const all = known.filter((name) => existsSync(join(results, `${name}.json`)))
writeFileSync(
  join(root, 'docs', 'benchmarks.md'),
  page(all.map((name) => parsed(join(results, `${name}.json`)) as Kept)),
)
