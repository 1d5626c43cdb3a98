import { existsSync, readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository. */
export const root: string = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '')

/** The files below a folder of the repository whose names end so, with absolute paths; not those of installed packages. */
export function filesIn(folder: string, ending = '.ts'): ReadonlyArray<string> {
  const absolute = join(root, folder)
  if (!existsSync(absolute)) return []
  return readdirSync(absolute, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .flatMap((entry) => {
      if (entry.isDirectory()) return filesIn(join(folder, entry.name), ending)
      return entry.name.endsWith(ending) ? [join(absolute, entry.name)] : []
    })
    .sort()
}

/** A path as the repository knows it, with forward slashes. */
export const fromRoot = (path: string): string => relative(root, path).split(sep).join('/')
