import { constants } from 'node:os'
import { type Observable, Subject } from 'rxjs'

/**
 * Emits when the process gets a signal to end, and sets its exit code. The subscriber then unsubscribes from everything, and the
 * process ends by itself. A second signal after a second ends it at once.
 */
export function interrupted(process: NodeJS.Process): Observable<void> {
  const signals = new Subject<void>()
  let first: number | undefined
  const end = (code: number): void => {
    process.exitCode = code
    signals.next()
  }
  // Never removed: ora has a listener to restore the cursor, which kills the process where there is no other.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      first ??= performance.now()
      if (performance.now() - first > 1_000) process.exit()
      end(128 + constants.signals[signal])
    })
  }
  // The reader is gone, as in `npm start | head`.
  process.stdout.on('error', () => end(1))
  return signals
}
