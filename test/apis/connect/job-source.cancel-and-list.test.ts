import { firstValueFrom } from 'rxjs'
import { connect } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { sandboxes } from '../../sandbox/support.ts'
import { all, asked, connectTo, errorOf, sendJson, serve } from '../support.ts'

const start = sandboxes()

test('a cancel is done when the order is taken or there is nothing left to stop', async () => {
  const sandbox = await start({ connect: { settleMs: 0 } })
  const { jobs } = connectTo(sandbox)
  const job = sandbox.connect.feed()
  const cancel = async (): Promise<unknown> => all(jobs.cancel(job))
  expect([await cancel(), await cancel()]).toEqual([[], []])
  expect(sandbox.exchanges.map(({ method, status }) => `${method} ${status ?? 0}`)).toEqual([
    'DELETE 200',
    'DELETE 409',
  ])
})

test.each([
  [409, { code: 7, error: 'Another conflict.', payload: null }],
  [404, { code: 4, error: 'No such object.', payload: null }],
  [503, ''],
])('a cancel that met %d failed', async (status, body) => {
  const server = await serve((_, response) => sendJson(response, body, status))
  const { cancel } = connect({ server, apiKey: 'k' }).jobs
  expect(await errorOf(cancel({ guid: 'g', key: 'k' }))).toMatchObject({
    _tag: 'HttpError',
    status,
    method: 'DELETE',
  })
})

test('one list shows those of the jobs that it has', async () => {
  const sandbox = await start({ connect: { settleMs: 60_000 } })
  const { jobs } = connectTo(sandbox)
  const running = sandbox.connect.feed()
  const over = sandbox.connect.feed({ guid: running.guid })
  sandbox.connect.feed({ guid: running.guid })
  over.finish(3)
  const { guid } = running
  const refs = [running, over].map(({ key }) => ({ guid, key }))
  expect(jobs.list?.scopeOf({ guid, key: 'k' })).toEqual({ _tag: 'Some', value: guid })
  const rows = jobs.list && (await firstValueFrom(jobs.list.read(guid, [...refs, { guid, key: 'none' }])))
  expect(rows).toMatchObject([
    { ref: refs[0], phase: 'running', job: { key: running.key, status: 0 } },
    { ref: refs[1], phase: 'ended', job: { key: over.key, exit_code: 3 } },
  ])
  expect([rows?.length, asked(sandbox)]).toEqual([2, [`GET /__api__/v1/content/${guid}/jobs`]])
})
