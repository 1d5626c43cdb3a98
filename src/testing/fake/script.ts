import { type ApiError, type Asked, HttpError, NetworkError } from '../../core/index.ts'
import { isFinal, type LogEntry, type Phase } from '../../streams/index.ts'

/** A line, and when it is written. */
export interface ScriptedLine extends LogEntry {
  readonly at: number
}

/** A failure of the service: of the first request that is answered from then on, or of the connection that is open. */
export interface ScriptedFault {
  readonly at: number
  /** Whether it breaks connections; else it is an answer. */
  readonly breaks: boolean
  readonly error: (asked: Asked) => ApiError
}

/** The life of a job, in milliseconds from its beginning. */
export interface Script {
  readonly phases: ReadonlyArray<{ readonly at: number; readonly phase: Phase }>
  readonly lines: ReadonlyArray<ScriptedLine>
  readonly faults: ReadonlyArray<ScriptedFault>
}

const phases: ReadonlyMap<string, Phase> = new Map<string, Phase>([
  ['q', 'queued'],
  ['r', 'running'],
  ['s', 'succeeded'],
  ['f', 'failed'],
  ['e', 'ended'],
  ['u', 'unknown'],
])

const units: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
])

const token =
  /\s*(?:(?<time>\d+(?:\.\d+)?)(?<unit>ms|[smh])|(?<phase>[qrsfeu])|(?<stderr>2>)?'(?<line>[^']*)'|#(?<status>\d{3})(?:\/(?<after>\d+)(?<afterUnit>ms|[smh]))?|(?<cut>x))(?=\s|$)/uy

const milliseconds = (amount: string | undefined, unit: string | undefined): number =>
  Number(amount) * (units.get(unit ?? '') ?? 0)

/** When a line was written, as a service would say it. The clock of a fake begins at the epoch. */
const stamp = (at: number): string => new Date(at).toISOString()

/**
 * Reads marbles of a job.
 *
 * @throws TypeError for what is no marble, and for a job that goes on after its end
 */
export function parseScript(marbles: string, from = 0): Script {
  const script = { phases: [] as Array<Script['phases'][number]>, lines: [] as Array<ScriptedLine> }
  const faults: Array<ScriptedFault> = []
  let at = from
  let place = 0
  while (marbles.slice(place).trim() !== '') {
    token.lastIndex = place
    const { groups = {} } = token.exec(marbles) ?? {}
    if (token.lastIndex === 0) throw new TypeError(`marbles: what is "${marbles.slice(place).trim()}"?`)
    place = token.lastIndex
    const { time, unit, line, stderr, status, after, afterUnit, cut } = groups
    const phase = phases.get(groups['phase'] ?? '')
    if (time !== undefined) at += milliseconds(time, unit)
    if (line !== undefined) {
      script.lines.push({ at, source: stderr === undefined ? 'stdout' : 'stderr', timestamp: stamp(at), data: line })
    }
    if (cut !== undefined) {
      faults.push({ at, breaks: true, error: (asked) => new NetworkError({ ...asked, cause: 'connection reset' }) })
    }
    if (status !== undefined) {
      const retryAfter = after === undefined ? undefined : milliseconds(after, afterUnit)
      faults.push({
        at,
        breaks: false,
        error: (asked) => new HttpError({ ...asked, status: Number(status), retryAfter }),
      })
    }
    if (phase !== undefined) {
      const last = script.phases.at(-1)
      if (last !== undefined && isFinal(last.phase)) throw new TypeError(`marbles: "${marbles}" goes on after its end`)
      script.phases.push({ at, phase })
    }
  }
  return { ...script, faults }
}
