import { parseArgs } from 'node:util'
import type { TailFraming, TailSettings } from './connect/settings.ts'
import type { SandboxOptions } from './sandbox.ts'

export const help = `Usage: npm run sandbox -- [flags]

Serves the job APIs of Posit Connect and Genesys Cloud on 127.0.0.1 until Ctrl-C, with a key and secrets of its own.

  --port <number>      port to listen on (default: any free one)
  --framing <name>     how a live tail is framed: sse, ndjson, concatenated, array (default: ndjson)
  --replay <which>     existing lines that a tail sends first: all, none, or that many of the last (default: all)
  --keeps <end>        which end of a long log is sent: first, last (default: last)
  --help               this text
`

const framings: ReadonlyArray<TailFraming> = ['sse', 'ndjson', 'concatenated', 'array']

/** The options of a command line, or 'help'. Throws an Error that names the invalid flag. */
export function readFlags(args: ReadonlyArray<string>): SandboxOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '0' },
      framing: { type: 'string', default: 'ndjson' },
      replay: { type: 'string', default: 'all' },
      keeps: { type: 'string', default: 'last' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  return {
    port: readInteger('--port', values.port, 65_535),
    tail: { framing: oneOf('--framing', values.framing, framings), replay: readReplay(values.replay) },
    log: { keeps: oneOf('--keeps', values.keeps, ['first', 'last']) },
  }
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
