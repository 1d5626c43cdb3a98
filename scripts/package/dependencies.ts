import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { manifestIn, type Project } from './project.ts'

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
