import { existsSync } from 'node:fs'
import { extname, resolve, sep } from 'node:path'
import type { Command } from '../process/run.ts'
import type { Bundle } from './bundle.ts'

const runners: Readonly<Record<string, string>> = {
  '.js': process.execPath,
  '.mjs': process.execPath,
  '.cjs': process.execPath,
  '.sh': 'sh',
  '.py': 'python3',
}

/**
 * How the entry point of a bundle is run; undefined when it is no file that the sandbox can run. Python apps may name
 * it `module:object` instead.
 */
export function commandOf({ directory, entrypoint }: Bundle): Omit<Command, 'env'> | undefined {
  const module = `${entrypoint.split(':', 1)[0]?.replaceAll('.', '/') ?? ''}.py`
  for (const name of [entrypoint, module]) {
    const runner = runners[extname(name)]
    const path = resolve(directory, name)
    if (runner === undefined || !path.startsWith(directory + sep) || !existsSync(path)) continue
    return { file: runner, args: [path], cwd: directory }
  }
  return undefined
}
