import { constants } from 'node:os'
import { type Observable, Subject } from 'rxjs'

/**
 * Emits when the process is asked to end, by Ctrl-C or otherwise, and sets its exit code. Whoever listens unsubscribes
 * from all else, and the process ends by itself, because nothing is left to do. Asked again a second later, it ends at
 * once.
 */
export function interrupted(process: NodeJS.Process): Observable<void> {
  const asked = new Subject<void>()
  let first: number | undefined
  const ask = (code: number): void => {
    process.exitCode = code
    asked.next()
  }
  // These stay: ora listens as well, to restore the cursor, and kills the process when nobody else does.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      first ??= performance.now()
      if (performance.now() - first > 1_000) process.exit()
      ask(128 + constants.signals[signal])
    })
  }
  // Nobody reads any more, as in `npm start | head`.
  process.stdout.on('error', () => ask(1))
  return asked
}
