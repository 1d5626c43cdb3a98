import { existsSync, readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository. */
export const root: string = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '')

/** All files below a folder of the repository whose names end so, with absolute paths, but those of installed packages; none when there is no such folder. */
export function filesIn(folder: string, ending = '.ts'): ReadonlyArray<string> {
  const absolute = join(root, folder)
  if (!existsSync(absolute)) return []
  return readdirSync(absolute, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending) && !path.split(sep).includes('node_modules'))
    .map((path) => join(absolute, path))
    .sort()
}

/** A path as the repository knows it, with forward slashes. */
export const fromRoot = (path: string): string => relative(root, path).split(sep).join('/')
