// The requests of Connect's official clients around a job, as they send them, in their order.
import { expect, test } from 'vitest'
import { isObject } from '../../../sandbox/http/body.ts'
import {
  type Ask,
  bundleOf,
  connectOf,
  field,
  jsonOf,
  post,
  sandboxes,
  someNumber,
  someText,
  textWith,
  until,
} from '../support.ts'

const start = sandboxes()

const report = await bundleOf('quarto-static', 'r.mjs', { 'r.mjs': "console.log('rendered')" })

function someLines(...among: ReadonlyArray<string>): unknown {
  return expect.arrayContaining([...among])
}

/** What each of them reads of content. */
const content = {
  id: someText,
  guid: someText,
  name: 'a-report',
  title: 'A',
  content_url: someText,
  dashboard_url: someText,
}
const done = { id: someText, output: someLines('rendered'), finished: true, code: 0, error: '' }

/** Asks again until the task is over, without ever saying from where on. */
const over = (ask: Ask, id: string, query: string): Promise<unknown> =>
  until(
    () => jsonOf(ask(`/v1/tasks/${id}${query}`)),
    (task) => isObject(task) && task['finished'] === true,
  )

test('posit-sdk: raw bundle, deploy, tasks with wait=1 and no first, jobs, render, a kill', async () => {
  const ask = connectOf(await start())
  expect(await jsonOf(ask('/server_settings'))).toMatchObject({ version: someText })
  expect(await jsonOf(ask('/v1/user'))).toMatchObject({ username: someText, guid: someText })
  const made = await jsonOf(ask('/v1/content', post({ name: 'a-report', title: 'A' })))
  expect(made).toMatchObject(content)
  const path = `/v1/content/${field(made, 'guid')}`
  const bundle = await jsonOf(ask(`${path}/bundles`, { method: 'POST', body: report }))
  const deploy = await ask(`${path}/deploy`, post({ bundle_id: field(bundle, 'id') }))
  expect(deploy.status).toBe(202)
  const task = field(await deploy.json(), 'task_id')
  expect(await jsonOf(ask(`/v1/tasks/${task}`))).toMatchObject({
    id: task,
    output: someLines(),
    last: someNumber,
    result: null,
  })
  expect(await over(ask, task, '?wait=1')).toMatchObject(done)
  const jobs = await jsonOf(ask(`${path}/jobs`))
  expect(jobs).toMatchObject([{ key: someText, status: someNumber, exit_code: 0, tag: 'build_report' }])
  const key = field(Array.isArray(jobs) ? jobs[0] : undefined, 'key')
  expect(await jsonOf(ask(`${path}/jobs/${key}`))).toMatchObject({ key })
  expect(await jsonOf(ask('/v1/content?name=a-report'))).toMatchObject([content])
  const patched = await jsonOf(ask(path, { method: 'PATCH', body: '{"title":"B"}' }))
  expect(patched).toMatchObject({ ...content, title: 'B' })
  const variants = await jsonOf(ask(`/applications/${field(made, 'guid')}/variants`))
  expect(variants).toMatchObject([{ id: someNumber, is_default: true }])
  const [variant] = Array.isArray(variants) ? variants.filter(isObject) : []
  const rendering = await jsonOf(ask(`/variants/${String(variant?.['id'])}/render`, { method: 'POST' }))
  // The old shape: `id` and no `task_id`.
  expect(rendering).toMatchObject({ id: someText, finished: false, code: 0 })
  expect(rendering).not.toHaveProperty('task_id')
  expect(await over(ask, field(rendering, 'id'), '?wait=1')).toMatchObject(done)
  const kill = await ask(`${path}/jobs/${key}`, { method: 'DELETE' })
  expect([kill.status, await kill.json()]).toEqual([409, { code: 163, error: someText, payload: null }])
})

test('rsconnect and publisher: lookup, form upload, draft, visit, activation', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  expect(await jsonOf(ask('/v1/server_settings/python'))).toMatchObject({ installations: [] })
  expect(await jsonOf(ask('/v1/content?name=a-report'))).toEqual([])
  const guid = field(await jsonOf(ask('/v1/content', post({ name: 'a-report', title: 'A' }))), 'guid')
  const form = new FormData()
  form.set('archive', new Blob([report]), 'bundle.tar.gz')
  form.set('metadata', '{"source":"git"}')
  const bundle = await jsonOf(ask(`/v1/content/${guid}/bundles`, { method: 'POST', body: form }))
  const bundle_id = field(bundle, 'id')
  const deploy = async (body: object): Promise<unknown> =>
    over(ask, field(await jsonOf(ask(`/v1/content/${guid}/deploy`, post(body))), 'task_id'), '?wait=1')
  expect(await deploy({ bundle_id, activate: false })).toMatchObject(done)
  expect(await jsonOf(ask(`/v1/content/${guid}`))).toMatchObject({ bundle_id: null })
  expect((await fetch(`${sandbox.url}/content/${guid}/_bundle${bundle_id}/`)).status).toBe(200)
  expect(await deploy({ bundle_id, activate: true })).toMatchObject(done)
  expect(await jsonOf(ask(`/v1/content/${guid}`))).toMatchObject({ bundle_id, app_mode: 'quarto-static' })
  expect((await fetch(`${sandbox.url}/content/${guid}/`)).status).toBe(200)
})

test('connectapi: tasks by line, and the whole log each time', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const job = sandbox.connect.feed()
  job.write([{ source: 'stderr', data: 'one' }])
  const log = `/v1/content/${job.guid}/jobs/${job.key}/log`
  const entry = { source: 'stderr', timestamp: textWith('Z'), data: 'one' }
  expect(await jsonOf(ask(log))).toEqual({ entries: [entry] })
  expect((await ask(`/v1/content/${job.guid}/jobs/${job.key}/error`)).status).toBe(204)
  await ask(`/v1/content/${job.guid}/bundles`, { method: 'POST', body: report })
  const task = field(await jsonOf(ask(`/v1/content/${job.guid}/deploy`, post({}))), 'task_id')
  await over(ask, task, '?first=0&wait=1')
  expect(await jsonOf(ask(`/v1/tasks/${task}?first=2&wait=1`))).toMatchObject({
    output: ['rendered', 'Deployed.'],
    last: 4,
  })
})

test('a server may hide its version and lack operations', async () => {
  const ask = connectOf(await start({ connect: { version: '', lacks: ['user'] } }))
  expect(await jsonOf(ask('/server_settings'))).toMatchObject({ version: '' })
  const lacking = await ask('/v1/user')
  expect([lacking.status, await lacking.text()]).toEqual([404, '404 page not found'])
})

test('publisher asks for the version before it has a key, and refuses a user that is not confirmed or is locked', async () => {
  const sandbox = await start()
  const settings = await fetch(`${sandbox.connect.server}/__api__/server_settings`)
  expect([settings.status, await settings.json()]).toMatchObject([200, { version: someText }])
  expect((await fetch(`${sandbox.connect.server}/__api__/v1/user`)).status).toBe(401)
  expect(await jsonOf(connectOf(sandbox)('/v1/user'))).toMatchObject({
    username: someText,
    email: textWith('@'),
    first_name: someText,
    last_name: someText,
    confirmed: true,
    locked: false,
  })
})

test('rsconnect (R) asks for the current user and for content by name, without a version in the path', async () => {
  const ask = connectOf(await start())
  const user = await jsonOf(ask('/v1/user'))
  expect(await jsonOf(ask('/users/current'))).toEqual(user)
  for (const name of ['a.report', 'another']) await jsonOf(ask('/v1/content', post({ name, title: 'A' })))
  for (const query of [
    '?filter=name:a.report',
    '/?filter=name:eq:a.report',
    '?filter=account_id:1&filter=name:a.report',
  ]) {
    expect(await jsonOf(ask(`/applications${query}`))).toMatchObject({
      applications: [{ name: 'a.report', guid: someText, id: someText, url: textWith('/content/') }],
      total: 1,
      count: 1,
    })
  }
  expect(await jsonOf(ask('/applications?filter=name:none'))).toMatchObject({ applications: [], total: 0 })
  expect(await jsonOf(ask('/applications'))).toMatchObject({ total: 2 })
})
