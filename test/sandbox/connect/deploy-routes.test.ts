import { expect, test } from 'vitest'
import {
  bundleOf,
  connectOf,
  deployed,
  field,
  jobsOf,
  jsonOf,
  post,
  sandboxes,
  someText,
  taskOf,
  upload,
} from '../support.ts'

const start = sandboxes()
const report = (): Promise<Uint8Array<ArrayBuffer>> => bundleOf('quarto-static', 'r.sh', { 'r.sh': 'echo rendered' })

test('deploy answers 202 with a task', async () => {
  const ask = connectOf(await start())
  const { guid, bundleId } = await upload(ask, await report())
  const answer = await ask(`/v1/content/${guid}/deploy`, post({ bundle_id: bundleId }))
  expect(answer.status).toBe(202)
  expect(answer.headers.getSetCookie()).toEqual([])
  expect(await taskOf(ask, field(await answer.json(), 'task_id'))).toMatchObject({ code: 0 })
})

test('build answers 200 and renders what is deployed', async () => {
  const ask = connectOf(await start())
  const { guid } = await deployed(ask, await report())
  const answer = await ask(`/v1/content/${guid}/build`, { method: 'POST' })
  expect(answer.status).toBe(200)
  const task = await taskOf(ask, field(await answer.json(), 'task_id'))
  expect(task).toMatchObject({ code: 0 })
  expect(task['output']).toContain('rendered')
})

test('the default variant of a document can be rendered, with a task of the old shape', async () => {
  const ask = connectOf(await start())
  const { guid } = await deployed(ask, await report())
  const variants = await jsonOf(ask(`/applications/${guid}/variants`))
  expect(variants).toMatchObject([{ is_default: true, key: someText }])
  const [job] = await jobsOf(ask, guid)
  const task = await jsonOf(ask(`/variants/${field(job, 'variant_id')}/render`, { method: 'POST' }))
  expect(await taskOf(ask, field(task, 'id'))).toMatchObject({ finished: true, code: 0 })
  expect(await jobsOf(ask, guid)).toHaveLength(2)
})

test('what cannot be deployed, built or rendered says so', async () => {
  const ask = connectOf(await start())
  const { guid } = await upload(ask, await bundleOf('unheard-of', 'a.sh', { 'a.sh': '' }))
  const empty = field(await jsonOf(ask('/v1/content', post({ name: 'empty-one' }))), 'guid')
  const still = await deployed(ask, await bundleOf('static', 'a.html', { 'a.html': '' }))
  const codeOf = async (path: string, body: string): Promise<unknown> => jsonOf(ask(path, { method: 'POST', body }))
  expect(await codeOf(`/v1/content/${guid}/deploy`, '')).toMatchObject({ code: 148 })
  expect(await codeOf(`/v1/content/${guid}/deploy`, '{"bundle_id":"999"}')).toMatchObject({ code: 4 })
  expect(await codeOf(`/v1/content/${guid}/deploy`, '{"bundle_id":{}}')).toMatchObject({ code: 25 })
  expect(await codeOf(`/v1/content/${guid}/deploy`, 'x')).toMatchObject({ code: 121 })
  expect(await codeOf(`/v1/content/${empty}/deploy`, '{}')).toMatchObject({ code: 28 })
  expect(await codeOf(`/v1/content/${empty}/build`, '{}')).toMatchObject({ code: 28 })
  expect(await codeOf('/variants/7/render', '')).toMatchObject({ code: 4 })
  const id = field(await jsonOf(ask(`/v1/content/${still.guid}`)), 'id')
  expect(await codeOf(`/variants/${1000 + Number(id)}/render`, '')).toMatchObject({ code: 39 })
  expect(await jsonOf(ask(`/applications/${still.guid}/variants`))).toEqual([])
})
