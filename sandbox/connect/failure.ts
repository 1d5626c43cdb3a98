import type { LogEntry } from './log.ts'

/** Why a job failed, as `GET …/error` tells it. */
export interface LoggedError {
  /** Kebab-case. */
  readonly code: string
  readonly summary: string
  readonly help_url: string
}

/** Reads along in a job's log for what its error will say. */
export interface FailureNotes {
  note(entry: LogEntry): void
  /** The error of a job that ended with that code, which is not 0. */
  errorOf(exitCode: number): LoggedError
}

const marker = /^Error code: ([a-z0-9]+(?:-[a-z0-9]+)*)\s*$/

/** The code is what a line `Error code: …` says, else one for the kind of job; the summary is the last line on stderr. */
export function createFailureNotes(tag: string): FailureNotes {
  let code = tag.startsWith('run_') ? 'app-exited' : 'render-failed'
  let summary = ''
  return {
    note({ source, data }) {
      const marked = data.startsWith('Error code: ') ? marker.exec(data)?.[1] : undefined
      if (marked !== undefined) code = marked
      else if (source === 'stderr' && data.trim() !== '') summary = data
    },
    errorOf: (exitCode) => ({
      code,
      summary: summary === '' ? `The process ended with exit status ${exitCode}.` : summary,
      help_url: `https://rxjobs.example/errors/${code}`,
    }),
  }
}
