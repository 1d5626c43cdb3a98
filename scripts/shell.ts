import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository. */
export const root: string = fileURLToPath(new URL('..', import.meta.url))

/** The path of a command that the repository's packages bring. */
export const tool = (name: string): string => join(root, 'node_modules', '.bin', name)

/** Runs a command and gives what it printed. It fails with all of that when the command does. */
export function run(cwd: string, command: string, ...args: ReadonlyArray<string>): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`)
  return stdout
}

/** Runs an ES module given as text with this node, and gives what it printed. */
export const runModule = (cwd: string, code: string): string =>
  run(cwd, process.execPath, '--input-type=module', '--eval', code)
