// Runs clients that nobody here wrote against the sandbox, unchanged and as their documentation says: what they take for
// the service, others may. They are large and are installed for this alone, in a temporary folder.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandbox } from '../sandbox/index.ts'
import { root, run } from './shell.ts'

/** A client: what npm installs it as, and the program of its user. */
const clients = [{ name: 'purecloud-platform-client-v2@262.0.0', program: 'genesys.mjs' }]

async function check(name: string, program: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rxjobs-vendor-'))
  const sandbox = await startSandbox()
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }')
    run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', name)
    const { PATH = '' } = process.env
    const { baseUrl, clientId, clientSecret } = sandbox.genesys
    const env = {
      PATH,
      HOME: folder,
      GENESYS_BASE_URL: baseUrl,
      GENESYS_CLIENT_ID: clientId,
      GENESYS_CLIENT_SECRET: clientSecret,
    }
    const options = { cwd: folder, env, stdio: 'inherit', timeout: 60_000 } as const
    const child = spawn(process.execPath, [join(root, 'scripts/vendor-clients', program)], options)
    await once(child, 'close')
    if (child.exitCode !== 0) throw new Error(`${name} does not work against the sandbox`)
  } finally {
    await sandbox.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

for (const { name, program } of clients) await check(name, program)
