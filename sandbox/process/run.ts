import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { createLineSplitter } from './lines.ts'
import type { Warden } from './warden.ts'

/** What to run, where, and with which environment variables besides PATH and HOME. */
export interface Command {
  readonly file: string
  readonly args: ReadonlyArray<string>
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** Hears what the process writes, line by line, and then once that it is over. */
export interface Listener {
  line(source: 'stdout' | 'stderr', data: string): void
  /** The exit code, or 128 + signal number when a signal ended it; 127 when it could not be started. */
  end(exitCode: number): void
}

/** A process group under way. */
export interface Running {
  /** 0 when it could not be started. */
  readonly pid: number
  /** Asks the whole group to end. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
}

/** How long the pipes may stay open after the process ended: a grandchild that left the group can hold them. */
const pipesMs = 1000

/** Runs a command in a process group of its own; what it leaves behind in that group is killed when it ends. */
export function run(command: Command, warden: Warden, listener: Listener): Running {
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...command.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const { pid } = child
  if (pid === undefined) {
    child.once('error', (error) => {
      listener.line('stderr', error.message)
      listener.end(127)
    })
    return { pid: 0, kill: () => undefined }
  }
  warden.watch(pid)
  const flush = [readLines(child.stdout, 'stdout', listener), readLines(child.stderr, 'stderr', listener)]
  child.on('error', () => undefined)
  let gone = false
  child.once('exit', () => {
    killGroup(pid, 'SIGKILL')
    gone = true
    warden.release(pid)
    const giveUp = setTimeout(() => {
      child.stdout.destroy()
      child.stderr.destroy()
    }, pipesMs)
    child.once('close', () => clearTimeout(giveUp))
  })
  child.once('close', (code, signal) => {
    for (const last of flush) last()
    listener.end(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
  })
  // Once the group is gone its number may be another's.
  return { pid, kill: (signal) => (gone ? undefined : killGroup(pid, signal)) }
}

function readLines(pipe: Readable, source: 'stdout' | 'stderr', listener: Listener): () => void {
  const splitter = createLineSplitter((data) => listener.line(source, data))
  pipe.on('data', (bytes: Buffer) => splitter.push(bytes))
  pipe.on('error', () => undefined)
  return () => splitter.end()
}

function killGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // The group is gone already, which is what was wanted.
  }
}
