import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, type Listener, type Running, run } from './run.ts'
import { createWarden } from './warden.ts'

/** Where the sandbox keeps its files and runs its processes. */
export interface Workplace {
  /** A temporary directory, removed at the end. */
  readonly root: string
  /** A new directory below the root. Rejects once the workplace is closed. */
  newDirectory(): Promise<string>
  run(command: Command, listener: Listener): Running
  /** Kills every process that still runs, waits for them to be gone and removes the directory. */
  close(): Promise<void>
}

export async function openWorkplace(): Promise<Workplace> {
  const root = await mkdtemp(join(tmpdir(), 'rxjobs-sandbox-'))
  const warden = createWarden(root)
  const live = new Map<Running, Promise<void>>()
  let closed = false
  const mustBeOpen = (): void => {
    if (closed) throw new Error('The sandbox is closed.')
  }
  return {
    root,
    async newDirectory() {
      mustBeOpen()
      return mkdtemp(join(root, 'work-'))
    },
    run(command, listener) {
      mustBeOpen()
      let over = (): void => undefined
      const ended = new Promise<void>((resolve) => {
        over = resolve
      })
      const running = run(command, warden, {
        line: (source, data) => listener.line(source, data),
        end(exitCode) {
          live.delete(running)
          over()
          listener.end(exitCode)
        },
      })
      live.set(running, ended)
      return running
    },
    async close() {
      closed = true
      for (const running of live.keys()) running.kill('SIGKILL')
      await Promise.all(live.values())
      await rm(root, { recursive: true, force: true })
      await warden.close()
    },
  }
}
