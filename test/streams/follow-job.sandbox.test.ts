import { lastValueFrom, mergeMap, toArray } from 'rxjs'
import { followJob, thenFollow } from 'rxjobs'
import { expect, test } from 'vitest'
import { all, connectTo, genesysTo } from '../apis/support.ts'
import { sandboxes, someText, textWith } from '../sandbox/support.ts'

const start = sandboxes()
const soon = { pollInterval: 10 }

test('a job with a log that fails: its lines, then why', async () => {
  const sandbox = await start()
  const ref = await sandbox.connect.start({
    script: "console.log('one'); console.error('Error code: no-such-table'); process.exitCode = 3",
  })
  const events = await all(followJob(connectTo(sandbox).jobs, ref, soon))
  const lines = events.flatMap((event) => (event._tag === 'Line' ? [event.data] : []))
  // Between stdout and stderr there is no order.
  expect([...lines].sort()).toEqual(['Error code: no-such-table', 'one'])
  expect(events.filter(({ _tag }) => _tag === 'Settled')).toHaveLength(1)
  expect(events.at(-1)).toMatchObject({
    _tag: 'Settled',
    ref,
    outcome: {
      phase: 'failed',
      failure: { exitCode: 3, error: { code: 'no-such-table' } },
    },
  })
  // How many there are depends on when the first read comes: a job may be over by then.
  expect(events.filter(({ _tag }) => _tag === 'Status').at(-1)).toMatchObject({ ref, phase: 'failed' })
})

test('an error that cannot be read is reported beside the failure', async () => {
  const sandbox = await start({
    faults: { rules: [{ kind: 'status', status: 403, match: { path: /\/error$/ } }] },
  })
  const job = sandbox.connect.feed()
  job.finish(1)
  const settled = await lastValueFrom(followJob(connectTo(sandbox).jobs, job, soon))
  expect(settled).toMatchObject({
    _tag: 'Settled',
    outcome: {
      phase: 'failed',
      job: { exit_code: 1 },
      failureError: { _tag: 'HttpError', status: 403 },
    },
  })
})

test('a service without a log: statuses and the outcome', async () => {
  const sandbox = await start({ genesys: { stepMs: 5, requestsPerMinute: 10_000 } })
  const cx = genesysTo(sandbox)
  const [good, bad] = await Promise.all(
    ['quick-wrapup-code', 'twin-queues'].map((acceleratorId) =>
      lastValueFrom(cx.postInfrastructureascodeJobs({ acceleratorId }).pipe(thenFollow(cx.jobs, soon), toArray())),
    ),
  )
  const reported = new Set([...(good ?? []), ...(bad ?? [])].map(({ _tag }) => _tag))
  expect(reported).toEqual(new Set(['Connection', 'Status', 'Settled']))
  expect(good?.at(-1)).toMatchObject({ _tag: 'Settled', outcome: { phase: 'succeeded' } })
  const why = { status: 'RollbackComplete', code: someText, message: textWith('already exists') }
  expect(bad?.at(-1)).toMatchObject({ outcome: { phase: 'failed', failure: why } })
})

test('killed while it is followed: the rest of the log, then the end', async () => {
  const sandbox = await start()
  const ref = await sandbox.connect.start({ script: "console.log('up'); setInterval(() => undefined, 1000)" })
  const pc = connectTo(sandbox)
  const events = await all(
    followJob(pc.jobs, ref, soon).pipe(
      mergeMap(async (event) => {
        if (event._tag === 'Line') await lastValueFrom(pc.killJob(ref))
        return event
      }),
    ),
  )
  expect(events.at(-1)).toMatchObject({ outcome: { phase: 'failed', failure: { exitCode: 143 } } })
})
