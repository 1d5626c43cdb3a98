import { lastLine, startInBackground } from './background.ts'
import { type Flags, help, readFlags } from './flags.ts'
import { type Sandbox, startSandbox } from './sandbox.ts'

async function serve({ options, runningJob }: Flags): Promise<void> {
  const sandbox = await startSandbox(options)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close())
  // Whoever started it may have closed the pipes.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  const lines = [...environmentOf(sandbox), ...(runningJob ? await startWriter(sandbox) : [])]
  process.stdout.write(`The sandbox serves Posit Connect and Genesys Cloud on ${sandbox.url}
For examples, the demo and your own programs, run this in another terminal:

${lines.map(exported).join('')}
${lastLine}
`)
}

type Variable = readonly [name: string, value: string]

function environmentOf({ connect, genesys }: Sandbox): ReadonlyArray<Variable> {
  return [
    ['CONNECT_SERVER', connect.server],
    ['CONNECT_API_KEY', connect.apiKey],
    ['GENESYS_BASE_URL', genesys.baseUrl],
    ['GENESYS_LOGIN_URL', genesys.loginUrl],
    ['GENESYS_CLIENT_ID', genesys.clientId],
    ['GENESYS_CLIENT_SECRET', genesys.clientSecret],
  ]
}

const writer = 'let count = 0; setInterval(() => console.log(`line ${count += 1}`), 1000)'

async function startWriter({ connect }: Sandbox): Promise<ReadonlyArray<Variable>> {
  const { guid, key } = await connect.start({ script: writer })
  return [
    ['CONNECT_CONTENT_GUID', guid],
    ['CONNECT_JOB_KEY', key],
  ]
}

/** A line for a shell. */
function exported([name, value]: Variable): string {
  const text = /^[\w.:/-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`
  return `export ${name}=${text}\n`
}

/** Leaves a server behind and prints how to reach it and how to end it. */
async function serveInBackground(args: ReadonlyArray<string>): Promise<void> {
  const { pid, output } = await startInBackground(args.filter((arg) => arg !== '--env'))
  const lines = output.split('\n').filter((line) => line.startsWith('export '))
  process.stdout.write(`${lines.join('\n')}\n${exported(['RXJOBS_SANDBOX_PID', String(pid)])}`)
}

try {
  const args = process.argv.slice(2)
  const flags = readFlags(args)
  if (flags === 'help') process.stdout.write(help)
  else if (flags.env) await serveInBackground(args)
  else await serve(flags)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
