import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, type Groups, type Listener, type Running, run } from './process.ts'

interface Opened {
  readonly root: string
  readonly guard: Guard
}

/** The temporary directory and the processes of one sandbox. Both begin with the first directory that is asked for. */
export class Workplace {
  readonly #running = new Map<Running, Promise<void>>()
  readonly #works = new Set<Promise<unknown>>()
  #opened: Promise<Opened> | undefined
  #guard: Guard | undefined
  #closed = false

  /**
   * Makes a directory, which lives until `close`, and works in it; `close` waits for that work. Rejects once the workplace is
   * closed, and with what the work rejects with.
   */
  async inNewDirectory<A>(work: (directory: string) => Promise<A>): Promise<A> {
    this.#checkOpen()
    const done = (this.#opened ??= this.#open()).then(async ({ root }) => work(await mkdtemp(join(root, 'work-'))))
    const settled = Promise.allSettled([done])
    this.#works.add(settled)
    try {
      const result = await done
      this.#checkOpen()
      return result
    } finally {
      this.#works.delete(settled)
    }
  }

  /** Runs a command in a directory of `inNewDirectory`. Throws once the workplace is closed. */
  run(command: Command, listener: Listener): Running {
    this.#checkOpen()
    if (this.#guard === undefined) throw new Error('A process needs a directory of the sandbox.')
    let finish = (): void => undefined
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    const running = run(command, this.#guard, {
      // What is still in the pipes at the end concerns nobody.
      lines: (source, lines) => (this.#closed ? undefined : listener.lines(source, lines)),
      end: (exitCode) => {
        this.#running.delete(running)
        finish()
        listener.end(exitCode)
      },
    })
    this.#running.set(running, finished)
    return running
  }

  /** Kills every process that still runs, waits for them to end and removes the directory. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#works)
    const opened = await this.#opened?.catch(() => undefined)
    for (const running of this.#running.keys()) running.kill('SIGKILL')
    await Promise.all(this.#running.values())
    if (opened === undefined) return
    // A process that left its group may still write. The guard then tries once more.
    await rm(opened.root, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined)
    await opened.guard.close()
  }

  async #open(): Promise<Opened> {
    const root = await mkdtemp(join(tmpdir(), 'rxjobs-sandbox-'))
    const guard = createGuard(root)
    this.#guard = guard
    return { root, guard }
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error('The sandbox is closed.')
  }
}

/** Makes sure that no child process and no file outlives the sandbox, even when its process is killed. */
export interface Guard extends Groups {
  /** Kills the watched groups and removes the directory. */
  close(): Promise<void>
}

// A killed process runs no exit handler, but its pipes are closed for it. The guard is a shell that reads from such a
// pipe: at its end it kills the groups still on its list and removes the directory.
const script = `
live=''
while read -r sign pid; do
  case $sign in
    +) live="$live $pid" ;;
    -) rest=''; for p in $live; do [ "$p" = "$pid" ] || rest="$rest $p"; done; live=$rest ;;
  esac
done
for p in $live; do kill -s KILL -- "-$p" 2>/dev/null; done
rm -rf -- "$1"
`

/** Starts a guard for one directory and for the process groups that it is told of. */
export function createGuard(directory: string): Guard {
  // In a group of its own, so that Ctrl-C ends the sandbox and not the guard.
  const shell = spawn('sh', ['-c', script, 'guard', directory], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  const gone = new Promise<void>((resolve) => {
    shell.once('close', () => resolve())
    shell.once('error', () => resolve())
  })
  shell.stdin.on('error', () => undefined)
  shell.unref()
  return {
    watch: (pid) => void shell.stdin.write(`+ ${pid}\n`),
    release: (pid) => void shell.stdin.write(`- ${pid}\n`),
    close() {
      shell.ref()
      shell.stdin.end()
      return gone
    },
  }
}
