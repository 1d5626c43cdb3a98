import { expect, test } from 'vitest'
import { bundleOf, connectOf, deployed, field, finalized, jobsOf, jsonOf, post, sandboxes, taskOf } from '../support.ts'

const start = sandboxes()
const app = "console.log('listening'); setInterval(() => {}, 1000)"

test('a first visit starts the app where deploys do not, further ones use it', async () => {
  const sandbox = await start({ connect: { appsStart: 'visit' } })
  const ask = connectOf(sandbox)
  const { guid, task } = await deployed(ask, await bundleOf('nodejs', 'app.mjs', { 'app.mjs': app }))
  expect([task['code'], await jobsOf(ask, guid)]).toEqual([0, []])
  const visits = await Promise.all([1, 2, 3].map(() => fetch(`${sandbox.url}/content/${guid}/`)))
  expect(visits.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(await jobsOf(ask, guid)).toMatchObject([{ tag: 'run_app', status: 0 }])
})

test('an app that was killed comes back with the next visit', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const { guid } = await deployed(ask, await bundleOf('nodejs', 'app.mjs', { 'app.mjs': app }))
  const key = field((await jobsOf(ask, guid))[0], 'key')
  await ask(`/v1/content/${guid}/jobs/${key}`, { method: 'DELETE' })
  await finalized(ask, { guid, key })
  await fetch(`${sandbox.url}/content/${guid}/some/page`)
  expect((await jobsOf(ask, guid)).map(({ status }) => status)).toEqual([0, 2])
})

test('an app that cannot start is a bad gateway; no such content is 404', async () => {
  const sandbox = await start({ connect: { appsStart: 'visit' } })
  const { guid } = await deployed(connectOf(sandbox), await bundleOf('nodejs', 'app.sh', { 'app.sh': 'exit 2' }))
  expect((await fetch(`${sandbox.url}/content/${guid}/`)).status).toBe(502)
  expect((await fetch(`${sandbox.url}/content/nowhere/`)).status).toBe(404)
})

test('a draft is looked at beside the active app, and activated by a second deploy', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const { guid } = await deployed(ask, await bundleOf('nodejs', 'app.mjs', { 'app.mjs': app }))
  const upload = ask(`/v1/content/${guid}/bundles`, {
    method: 'POST',
    body: await bundleOf('nodejs', 'app.mjs', { 'app.mjs': app }),
  })
  const id = field(await jsonOf(upload), 'id')
  const deploy = async (body: object): Promise<unknown> =>
    taskOf(ask, field(await jsonOf(ask(`/v1/content/${guid}/deploy`, post(body))), 'task_id'))
  const running = async (): Promise<unknown[]> =>
    (await jobsOf(ask, guid)).filter(({ status }) => status === 0).map((job) => job['bundle_id'])

  expect(await deploy({ bundle_id: id, activate: false })).toMatchObject({ code: 0 })
  expect(await running()).toHaveLength(1)
  expect(await running()).not.toContain(id)
  expect((await fetch(`${sandbox.url}/content/${guid}/_bundle${id}/`)).status).toBe(200)
  expect(await running()).toHaveLength(2)
  expect(await deploy({ bundle_id: id })).toMatchObject({ code: 0 })
  expect(await running()).toEqual([id])
  expect((await fetch(`${sandbox.url}/content/${guid}/_bundle999/`)).status).toBe(404)
})
