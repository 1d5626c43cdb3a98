import { spawn } from 'node:child_process'

/** The last line that a server prints when it starts. */
export const lastLine = 'Ctrl-C ends it.'

/** A program that was started in the background. */
export interface Background {
  readonly pid: number
  /** What it printed until it served. */
  readonly output: string
}

/**
 * Starts this program again with other arguments, in a process group of its own, and waits until it serves. It holds none of
 * the caller's streams, so that a shell that reads the caller's output does not wait for it. Rejects with what it said when it
 * ends before.
 */
export function startInBackground(args: ReadonlyArray<string>): Promise<Background> {
  const [, program = ''] = process.argv
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  return new Promise((resolve, reject) => {
    let output = ''
    let said = ''
    child.stderr.on('data', (bytes: Buffer) => void (said += bytes.toString()))
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString()
      if (!output.includes(lastLine) || child.pid === undefined) return
      child.stdout.destroy()
      child.stderr.destroy()
      child.unref()
      resolve({ pid: child.pid, output })
    })
    child.once('error', reject)
    child.once('close', () =>
      reject(new Error(said.trim() === '' ? 'The sandbox ended before it served.' : said.trim())),
    )
  })
}
