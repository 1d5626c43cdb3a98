import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { manifestIn, type Project } from './project.ts'
import { root, runModule } from './shell.ts'

interface Entry {
  /** As a program imports it: `rxjobs`, `rxjobs/genesys`… */
  readonly name: string
  /** Its source, from the repository's root. */
  readonly source: string
  /** What is built of it, from `dist`. */
  readonly built: string
}

/** The entries of package.json that have code. */
export const entries = (): ReadonlyArray<Entry> =>
  Object.entries(manifestIn(root).exports).flatMap(([path, target]) => {
    if (typeof target === 'string') return []
    const built = target.default.replace('./dist/', '')
    const source = `${built.startsWith('sandbox/') ? '' : 'src/'}${built.replace(/\.js$/, '.ts')}`
    return [{ name: path.replace(/^\./, 'rxjobs'), source, built }]
  })

/** What loading an entry gives, by `import` or by `require`: the names that it exports, or the error's code and words. */
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
