import { parseArgs } from 'node:util'
import type { TailFraming, TailSettings } from './connect/settings.ts'
import type { SandboxOptions } from './sandbox.ts'

export const help = `Usage: npm run sandbox -- [flags]

Serves the job APIs of Posit Connect and Genesys Cloud on 127.0.0.1 until Ctrl-C, with a key and secrets of its own.

  --port <number>      port to listen on (default: any free one)
  --key <text>         API key of Connect (default: a random one)
  --running-job        starts a job that writes a line each second, and prints its content and key
  --cors               lets web pages of other origins ask
  --env                serves in the background, prints only export lines and ends; in a shell:
                         eval "$(npm run -s sandbox -- --env)"    and later    kill $RXJOBS_SANDBOX_PID
  --framing <name>     how a live tail is framed: sse, ndjson, concatenated, array (default: ndjson)
  --replay <which>     existing lines that a tail sends first: all, none, or that many of the last (default: all)
  --keeps <end>        which end of a long log is sent: first, last (default: last)
  --help               this text
`

const framings: ReadonlyArray<TailFraming> = ['sse', 'ndjson', 'concatenated', 'array']

/** What a command line asks for. */
export interface Flags {
  readonly options: SandboxOptions
  /** Whether to start a job that writes. */
  readonly runningJob: boolean
  /** Whether to serve in the background and print only export lines. */
  readonly env: boolean
}

/** Reads a command line. Throws an Error that names the invalid flag. */
export function readFlags(args: ReadonlyArray<string>): Flags | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '0' },
      key: { type: 'string' },
      'running-job': { type: 'boolean', default: false },
      cors: { type: 'boolean', default: false },
      env: { type: 'boolean', default: false },
      framing: { type: 'string', default: 'ndjson' },
      replay: { type: 'string', default: 'all' },
      keeps: { type: 'string', default: 'last' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const options = {
    port: readInteger('--port', values.port, 65_535),
    cors: values.cors,
    tail: { framing: oneOf('--framing', values.framing, framings), replay: readReplay(values.replay) },
    log: { keeps: oneOf('--keeps', values.keeps, ['first', 'last'] as const) },
    ...(values.key === undefined ? {} : { apiKey: readKey(values.key) }),
  }
  return { options, runningJob: values['running-job'], env: values.env }
}

/** A header can carry it, and its blanks would end the scheme. */
function readKey(value: string): string {
  if (!/^[\x21-\x7e]+$/.test(value)) throw new Error('--key: a key has visible ASCII characters and no blank.')
  return value
}

function readReplay(value: string): Required<TailSettings>['replay'] {
  return value === 'all' || value === 'none' ? value : readInteger('--replay', value, 1e9)
}

function readInteger(flag: string, value: string, max: number): number {
  if (!/^\d{1,10}$/.test(value) || Number(value) > max)
    throw new Error(`${flag}: "${value}" is no whole number from 0 to ${max}.`)
  return Number(value)
}

function oneOf<A extends string>(flag: string, value: string, allowed: ReadonlyArray<A>): A {
  const found = allowed.find((one) => one === value)
  if (found === undefined) throw new Error(`${flag}: "${value}" is none of ${allowed.join(', ')}.`)
  return found
}
