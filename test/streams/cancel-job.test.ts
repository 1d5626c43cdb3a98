import { firstValueFrom, lastValueFrom, Subject, tap, toArray } from 'rxjs'
import { cancelJob, followJob, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { asked, connectTo, errorOf, jobPath } from '../apis/support.ts'
import { sandboxes, until } from '../sandbox/support.ts'

const start = sandboxes()
const forever = "console.log('begun'); setInterval(() => undefined, 1000)"
const pollInterval = 20

test('a job on Connect is cancelled and watched to its end; one that is over is no failure', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const job = await sandbox.connect.start({ script: forever })
  const end = await lastValueFrom(cancelJob(pc.jobs, job, { pollInterval }))
  expect(end).toMatchObject({ phase: 'failed', job: { exit_code: 143 } })
  expect(await lastValueFrom(cancelJob(pc.jobs, job, { pollInterval }))).toMatchObject({ phase: 'failed' })
  const orders = sandbox.exchanges.filter(({ method }) => method === 'DELETE')
  expect(orders.map(({ status }) => status)).toEqual([200, 409])
  expect(asked(sandbox)[0]).toBe(`DELETE ${jobPath(job)}`)
})

test('in the middle of a flow: the log goes on to the end that a kill brings', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const script = "process.on('SIGTERM', () => { console.log('tidying up'); process.exit(3) }); " + forever
  const job = await sandbox.connect.start({ script })
  const stop = new Subject<void>()
  const events = await lastValueFrom(
    followJob(pc.jobs, job, { pollInterval, cancelOn: stop }).pipe(
      tap((event) => {
        if (event._tag === 'Line' && event.data === 'begun') stop.next()
      }),
      toArray(),
    ),
  )
  expect(events.flatMap((event) => (event._tag === 'Line' ? [event.data] : []))).toEqual(['begun', 'tidying up'])
  expect(events.filter((event) => event._tag === 'Connection' && event.channel === 'cancel')).toMatchObject([
    { state: 'open' },
  ])
  expect(events.at(-1)).toMatchObject({ _tag: 'Settled', outcome: { failure: { exitCode: 3 } } })
})

test('left alone, the job is stopped on the server', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const job = await sandbox.connect.start({ script: forever })
  await firstValueFrom(watchJob(pc.jobs, job, { cancelOnUnsubscribe: true }))
  expect(
    await until(
      () => firstValueFrom(pc.getJob(job)),
      ({ status }) => status === 2,
    ),
  ).toMatchObject({ exit_code: 143 })
})

test('a job that is not there', async () => {
  const pc = connectTo(await start())
  expect(await errorOf(cancelJob(pc.jobs, { guid: 'none', key: 'none' }))).toMatchObject({ status: 404 })
})
