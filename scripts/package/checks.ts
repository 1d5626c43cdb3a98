// The checks of the installed package: each gives its problems.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { root, run, runModule } from '../shell.ts'
import { entries, manifestIn, type Project } from './project.ts'

const wanted = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'docs/tail.md',
  'dist/sandbox/index.js',
]
const allowed = /^(dist\/.+\.(js|js\.map|d\.ts|d\.ts\.map)|(src|sandbox)\/.+\.ts|docs\/[^/]+\.md|examples\/[^/]+\.ts)$/
const stray = /(^|\/)(test|tests|fixtures|__\w+__)\/|\.(test|spec|test-d|tsbuildinfo)\b/

function filesOf(folder: string): ReadonlyArray<string> {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => path.split(sep).join('/'))
}

/** Where a relative import of a built file leads: in a declaration `./x.ts` and `./x.js` both mean `./x.d.ts`. */
const target = (file: string, name: string): string =>
  join(dirname(file), file.endsWith('.d.ts') ? name.replace(/\.(ts|js)$/, '.d.ts') : name)

/** The relative imports of built code and declarations, and the sources of their maps, that lead nowhere. */
function deadEnds(folder: string, file: string): ReadonlyArray<string> {
  const text = readFileSync(join(folder, file), 'utf8')
  const paths = file.endsWith('.map')
    ? (JSON.parse(text) as { sources: ReadonlyArray<string> }).sources.map((source) => join(dirname(file), source))
    : ts
        .preProcessFile(text, true, true)
        .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
        .map(({ fileName }) => target(file, fileName))
  return paths
    .filter((path) => !existsSync(join(folder, path)))
    .map((path) => `${file} needs ${path}, which is missing`)
}

/** Checks the tarball's files: all that must be there, nothing else, and no import that leads nowhere. */
export function contents({ installed }: Project): ReadonlyArray<string> {
  const files = filesOf(installed)
  const built = files.filter((file) => file.startsWith('dist/'))
  return [
    ...wanted.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...files.filter((file) => !wanted.includes(file) && !allowed.test(file)).map((file) => `${file} is a stray file`),
    ...files.filter((file) => stray.test(file)).map((file) => `${file} looks like a test`),
    ...built.flatMap((file) => deadEnds(installed, file)),
    ...(built.length === 0 ? ['nothing was built'] : []),
  ]
}

const expected = ['rxjs', 'fp-ts', 'io-ts', 'cross-fetch']

/** The names of all packages in a node_modules folder. */
const packagesIn = (modules: string): ReadonlyArray<string> =>
  readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
    )

/** The packages that some packages need, with what those need. */
function closure(modules: string, names: ReadonlyArray<string>): ReadonlySet<string> {
  const seen = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    for (const needed of Object.keys(manifestIn(join(modules, name)).dependencies ?? {})) visit(needed)
  }
  for (const name of names) visit(name)
  return seen
}

/** Checks that an installation brings the four packages, what those need, and nothing else. */
export function dependencies({ folder }: Project): ReadonlyArray<string> {
  const modules = join(folder, 'node_modules')
  const missing = expected.filter((name) => !existsSync(join(modules, name)))
  if (missing.length > 0) return missing.map((name) => `${name} was not installed`)
  const needed = closure(modules, expected)
  return packagesIn(modules)
    .filter((name) => name !== 'rxjobs' && !needed.has(name))
    .map((name) => `${name} was installed, too`)
}

/** Loads an entry by `import` or by `require`. Gives the names that it exports, or the error's code and message. */
const load = (folder: string, how: 'import' | 'require', entry: string): string =>
  runModule(
    folder,
    `import { createRequire } from 'node:module'
      const require = createRequire(process.cwd() + '/')
      try {
        const loaded = ${how === 'import' ? 'await import' : 'require'}(${JSON.stringify(entry)})
        console.log(Object.keys(loaded).filter((name) => name !== '__esModule' && name !== 'module.exports').sort().join())
      } catch (error) {
        console.log(error.code + ': ' + error.message)
      }`,
  ).trim()

/** Checks that every entry gives what its source exports, by `import` and by `require`. */
export async function loading({ folder }: Project, only: RegExp = /./): Promise<ReadonlyArray<string>> {
  const problems: Array<string> = []
  for (const { name: entry, source } of entries().filter(({ name }) => only.test(name))) {
    const module = (await import(pathToFileURL(join(root, source)).href)) as object
    const expected = Object.keys(module).sort().join()
    for (const how of ['import', 'require'] as const) {
      const loaded = load(folder, how, entry)
      if (loaded !== expected) problems.push(`${how} of ${entry} gives ${loaded}\n  and not ${expected}`)
    }
  }
  return problems
}

/** Checks that exported classes are called what they are exported as, in what is inspected and in stacks. */
export function classNames({ folder }: Project): ReadonlyArray<string> {
  const names = runModule(
    folder,
    `import * as rxjobs from 'rxjobs'
      const classes = Object.entries(rxjobs).filter(([, value]) => /^class\\b/.test(String(value)))
      console.log(classes.map(([name, value]) => name + ' ' + value.name).join('\\n'))`,
  )
  const pairs = names.trim().split('\n')
  const wrong = pairs.filter((pair) => !/^(\w+) \1$/.test(pair))
  return wrong.map((pair) => `a class, and what it calls itself: ${pair}`)
}

/** Checks that an entry whose optional packages are missing says which one. */
export const sandboxWithout = ({ folder }: Project): ReadonlyArray<string> =>
  (['import', 'require'] as const)
    .map((how) => load(folder, how, 'rxjobs/sandbox'))
    .filter((said) => !/^ERR_MODULE_NOT_FOUND: Cannot find package '(hono|@hono\/node-server|nanotar)'/.test(said))
    .map((said) => `rxjobs/sandbox without its packages gives: ${said}`)

/** Checks that cross-fetch is loaded only where the platform has no fetch, and not before the first request. */
export function lazyFetch({ folder }: Project): ReadonlyArray<string> {
  const code = (before: string): string => `import { createRequire } from 'node:module'
    import { accessToken, genesys } from 'rxjobs/genesys'
    const { cache } = createRequire(import.meta.url)
    const isLoaded = () => Object.keys(cache).some((path) => path.includes('cross-fetch'))
    ${before}
    const cx = genesys({ baseUrl: 'http://127.0.0.1:9', allowHttp: true, auth: accessToken('a-token'), retry: { maxAttempts: 1 } })
    const before = isLoaded()
    cx.getInfrastructureascodeJob({ jobId: 'a-job' }).subscribe({ error: () => console.log(before, isLoaded()) })`
  const platform = runModule(folder, code('')).trim()
  const without = runModule(folder, code('delete globalThis.fetch')).trim()
  return [
    ...(platform === 'false false' ? [] : [`with a fetch of the platform, cross-fetch is loaded: ${platform}`]),
    ...(without === 'false true' ? [] : [`without, it is loaded before and after the first request: ${without}`]),
  ]
}

/** Checks that a stack shows the sources where source maps are on. */
export function stacks({ folder }: Project): ReadonlyArray<string> {
  const code = `import { connect } from 'rxjobs/connect'
    try { connect({ server: 'no address', apiKey: 'a-key' }) } catch ({ stack }) { console.log(stack) }`
  const stack = run(folder, process.execPath, '--enable-source-maps', '--input-type=module', '--eval', code)
  return stack.includes('/rxjobs/src/core/') ? [] : [`a stack does not show the sources:\n${stack}`]
}
