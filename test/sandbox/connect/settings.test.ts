import { expect, test } from 'vitest'
import { logDefaults, tailDefaults } from '../../../sandbox/connect/settings.ts'
import { startSandbox } from '../../../sandbox/sandbox.ts'

test('a server without settings keeps the last lines and replays all of them, one a line', async () => {
  const sandbox = await startSandbox()
  try {
    const job = sandbox.connect.feed()
    job.write(Array.from({ length: logDefaults.window + 1 }, (_, n) => ({ source: 'stdout', data: String(n) })))
    job.finish()
    const at = `${sandbox.connect.server}/__api__/v1/content/${job.guid}/jobs/${job.key}`
    const headers = { authorization: `Key ${sandbox.connect.apiKey}` }
    const log = await (await fetch(`${at}/log`, { headers })).text()
    expect([logDefaults.keeps, log.includes('"data":"0"')]).toEqual(['last', false])
    const tail = await (await fetch(`${at}/tail`, { headers })).text()
    expect([tailDefaults.framing, tail.trim().split('\n').length]).toEqual(['ndjson', logDefaults.window + 1])
  } finally {
    await sandbox.close()
  }
})
