import { spawn } from 'node:child_process'

/** Makes sure that no child and no file outlives the sandbox, however its process ends. */
export interface Warden {
  watch(pid: number): void
  release(pid: number): void
  close(): Promise<void>
}

// A killed process runs no exit handler, but its pipes are closed for it: the warden is a shell that reads from one,
// and when that ends it kills the groups still on its list and removes the directory.
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

/** Starts a warden for the process groups it is told of and for one directory. */
export function createWarden(directory: string): Warden {
  // In a group of its own, so that Ctrl-C reaches the sandbox and not the warden.
  const shell = spawn('sh', ['-c', script, 'warden', directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
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
