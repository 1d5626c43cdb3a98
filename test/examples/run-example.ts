import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Case, Environment } from './cases.ts'

/** The runtime of the examples, and its binary. */
export interface Runtime {
  readonly name: 'node' | 'deno' | 'bun'
  readonly binary: string
  /** A folder with the examples and the built package. Default the repository, whose examples run on the sources. */
  readonly folder?: string
  /** Gives the program of an example where it was bundled. */
  readonly pathOf?: (source: string) => string
}

export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const root = fileURLToPath(new URL('../..', import.meta.url))

function argumentsOf(
  { name, folder, pathOf }: Runtime,
  { file, denoFlags }: Pick<Case, 'file' | 'denoFlags'>,
): ReadonlyArray<string> {
  const path = `examples/${file}`
  if (pathOf !== undefined) return [pathOf(path)]
  switch (name) {
    case 'node':
      return folder === undefined ? ['--import', 'tsx', path] : [path]
    case 'deno':
      return ['run', '--no-prompt', ...denoFlags, path]
    case 'bun':
      return [path]
  }
}

/** Runs an example to its end, with nothing of this process's environment but PATH and HOME. */
export async function runExample(
  runtime: Runtime,
  example: Pick<Case, 'file' | 'denoFlags'>,
  env: Environment,
): Promise<Run> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(runtime.binary, argumentsOf(runtime, example), {
    cwd: runtime.folder ?? root,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  })
  const written = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text))
  await once(child, 'close')
  return { code: child.exitCode, ...written }
}

/** What is wrong with a run; undefined where nothing is. */
export function faultOf({ stdout, stderr }: Pick<Case, 'stdout' | 'stderr'>, run: Run): string | undefined {
  if (run.code !== 0) return `it ended with ${run.code}`
  if (stderr !== undefined && !stderr.test(run.stderr)) return `stderr lacks ${String(stderr)}`
  let rest = run.stdout
  for (const pattern of stdout) {
    const found = pattern.exec(rest)
    if (found === null) return `stdout lacks ${String(pattern)}`
    rest = rest.slice(found.index + found[0].length)
  }
  return undefined
}
