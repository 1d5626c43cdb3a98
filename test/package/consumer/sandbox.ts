// A program that starts a sandbox and follows a job on it to its end.
import assert from 'node:assert/strict'
import { lastValueFrom, toArray } from 'rxjs'
import { tailLog, thenFetchErrors, watchJob } from 'rxjobs'
import { connect } from 'rxjobs/connect'
import { startSandbox } from 'rxjobs/sandbox'

const sandbox = await startSandbox()
try {
  const { server, apiKey } = sandbox.connect
  const job = await sandbox.connect.start({ script: `console.log('one'); console.log('two'); process.exitCode = 3` })
  const pc = connect({ server, apiKey })
  const lines = await lastValueFrom(tailLog(pc.jobs, job, { pollInterval: 20 }).pipe(toArray()))
  assert.deepEqual(
    lines.map((line) => (line._tag === 'Line' ? line.data : line._tag)),
    ['one', 'two'],
  )
  const outcome = await lastValueFrom(watchJob(pc.jobs, job).pipe(thenFetchErrors(pc.jobs)))
  assert.equal(outcome.phase, 'failed')
} finally {
  await sandbox.close()
}
