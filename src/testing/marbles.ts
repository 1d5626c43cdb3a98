import { type RequestDescription, type RequestError, HttpError, NetworkError } from '../core/index.ts'
import { isFinal, type LogEntry, type Phase } from '../streams/index.ts'

/** A line, and when it is written. */
export interface ScriptedLine extends LogEntry {
  readonly at: number
}

/** A failure of the service: of the first request that is answered from then on, or of the open connection. */
export interface ScriptedFault {
  readonly at: number
  /** Whether it breaks connections; else it is a response. */
  readonly breaks: boolean
  readonly error: (request: RequestDescription) => RequestError
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
  ['c', 'cancelled'],
  ['k', 'skipped'],
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
  /\s*(?:(?<time>\d+(?:\.\d+)?)(?<unit>ms|[smh])|(?<phase>[qrsfckeu])|(?<stderr>2>)?'(?<line>[^']*)'|#(?<status>\d{3})(?:\/(?<after>\d+)(?<afterUnit>ms|[smh]))?|(?<cut>x))(?=\s|$)/uy

const milliseconds = (amount: string | undefined, unit: string | undefined): number =>
  Number(amount) * (units.get(unit ?? '') ?? 0)

/**
 * Reads the marbles of a job, which begin at `from`. Timestamps of lines count from the epoch, as a virtual scheduler does.
 *
 * @throws TypeError for a word that is no marble, and for a job that goes on after its end
 */
export function parseMarbles(marbles: string, from = 0): Script {
  const script = { phases: [] as Array<Script['phases'][number]>, lines: [] as Array<ScriptedLine> }
  const faults: Array<ScriptedFault> = []
  let at = from
  for (let place = 0; marbles.slice(place).trim() !== ''; place = token.lastIndex) {
    token.lastIndex = place
    const { groups = {} } = token.exec(marbles) ?? {}
    if (token.lastIndex === 0) throw new TypeError(`fakeJob: "${marbles.slice(place).trim()}" is not a marble`)
    const { time, unit, line, stderr, status, after, afterUnit, cut } = groups
    const phase = phases.get(groups['phase'] ?? '')
    if (time !== undefined) at += milliseconds(time, unit)
    if (line !== undefined) {
      const timestamp = new Date(at).toISOString()
      script.lines.push({ at, source: stderr === undefined ? 'stdout' : 'stderr', timestamp, data: line })
    }
    if (cut !== undefined) {
      faults.push({ at, breaks: true, error: (request) => new NetworkError({ ...request, cause: 'connection reset' }) })
    }
    if (status !== undefined) {
      const retryAfter = after === undefined ? undefined : milliseconds(after, afterUnit)
      const error = (request: RequestDescription) => new HttpError({ ...request, status: Number(status), retryAfter })
      faults.push({ at, breaks: false, error })
    }
    if (phase !== undefined) {
      const last = script.phases.at(-1)
      if (last !== undefined && isFinal(last.phase)) throw new TypeError(`fakeJob: "${marbles}" goes on after its end`)
      script.phases.push({ at, phase })
    }
  }
  return { ...script, faults }
}
