import { help, readFlags } from './flags.ts'
import { type SandboxOptions, startSandbox } from './sandbox.ts'

async function serve(options: SandboxOptions): Promise<void> {
  const sandbox = await startSandbox(options)
  const { url, connect, genesys } = sandbox
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close())
  process.stdout.write(`The sandbox serves Posit Connect and Genesys Cloud on ${url}
For examples, the demo and your own programs, run this in another terminal:

export CONNECT_SERVER=${connect.server}
export CONNECT_API_KEY=${connect.apiKey}
export GENESYS_BASE_URL=${genesys.baseUrl}
export GENESYS_LOGIN_URL=${genesys.loginUrl}
export GENESYS_CLIENT_ID=${genesys.clientId}
export GENESYS_CLIENT_SECRET=${genesys.clientSecret}

Ctrl-C ends it.
`)
}

try {
  const flags = readFlags(process.argv.slice(2))
  if (flags === 'help') process.stdout.write(help)
  else await serve(flags)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
