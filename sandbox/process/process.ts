import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** What to run, where, and with which environment variables besides PATH and HOME. */
export interface Command {
  readonly file: string
  readonly args: ReadonlyArray<string>
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** Receives the lines that a process writes, as many at a time as came together, and then its end. */
export interface Listener {
  lines(source: 'stdout' | 'stderr', lines: ReadonlyArray<string>): void
  /** The exit code; 128 + signal number when a signal ended it, 127 when it could not be started. */
  end(exitCode: number): void
}

/** A process group that runs. */
export interface Running {
  /** 0 when it could not be started. */
  readonly pid: number
  /** Signals the whole group. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
}

/** Is told which process groups run. */
export interface Groups {
  watch(pid: number): void
  release(pid: number): void
}

/** How long the pipes may stay open after the process ended: a grandchild outside the group can hold them. */
const pipesMs = 1000

/** Runs a command in a process group of its own. When the process ends, the rest of its group is killed. */
export function run(command: Command, groups: Groups, listener: Listener): Running {
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...command.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const { pid } = child
  if (pid === undefined) {
    child.once('error', (error) => {
      listener.lines('stderr', [error.message])
      listener.end(127)
    })
    return { pid: 0, kill: () => undefined }
  }
  groups.watch(pid)
  const flush = [readLines(child.stdout, 'stdout', listener), readLines(child.stderr, 'stderr', listener)]
  child.on('error', () => undefined)
  let gone = false
  child.once('exit', () => {
    killGroup(pid, 'SIGKILL')
    gone = true
    groups.release(pid)
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
  // After the group is gone, its number may belong to another one.
  return { pid, kill: (signal) => (gone ? undefined : killGroup(pid, signal)) }
}

/** Reads a pipe line by line. Returns a function that emits the rest at its end. */
function readLines(pipe: Readable, source: 'stdout' | 'stderr', listener: Listener): () => void {
  let lines: string[] = []
  const splitter = new LineSplitter((line) => void lines.push(line))
  const emit = (): void => {
    const batch = lines
    lines = []
    if (batch.length > 0) listener.lines(source, batch)
  }
  pipe.on('data', (bytes: Buffer) => {
    splitter.push(bytes)
    emit()
    // One piece at a time: a process that writes without end must not keep requests waiting.
    pipe.pause()
    setImmediate(() => pipe.resume())
  })
  pipe.on('error', () => undefined)
  return () => {
    splitter.end()
    emit()
  }
}

function killGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // The group is gone already.
  }
}

/** Longest line in characters; a longer one is emitted in pieces, so that one line cannot fill the memory. */
const longestLine = 1 << 20

/** Splits bytes at LF and CRLF. Characters and CRLFs that two chunks share are joined. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8')
  readonly #onLine: (line: string) => void
  #rest = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  push(bytes: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(bytes)).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#emit(line)
    while (this.#rest.length > longestLine) {
      this.#onLine(this.#rest.slice(0, longestLine))
      this.#rest = this.#rest.slice(longestLine)
    }
  }

  /** Emits what is left without a newline. */
  end(): void {
    const last = this.#rest + this.#decoder.end()
    this.#rest = ''
    if (last !== '') this.#emit(last)
  }

  #emit(line: string): void {
    this.#onLine(line.endsWith('\r') ? line.slice(0, -1) : line)
  }
}
