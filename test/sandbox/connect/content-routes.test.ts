import { expect, test } from 'vitest'
import { connectOf, field, jsonOf, post, sandboxes, someText } from '../support.ts'

const start = sandboxes()

test('content is made, found by name, read and renamed', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const made = await jsonOf(ask('/v1/content', post({ name: 'my-report', title: 'My report' })))
  const guid = field(made, 'guid')
  expect(made).toMatchObject({
    id: someText,
    name: 'my-report',
    title: 'My report',
    bundle_id: null,
    owner_guid: someText,
    content_url: `${sandbox.url}/content/${guid}/`,
  })
  expect(await jsonOf(ask('/v1/content?name=my-report'))).toEqual([made])
  expect(await jsonOf(ask('/v1/content?name=other'))).toEqual([])
  expect(await jsonOf(ask(`/v1/content/${guid}`))).toEqual(made)
  const patch = { method: 'PATCH', body: JSON.stringify({ title: 'Better', description: 'of more' }) }
  expect(await jsonOf(ask(`/v1/content/${guid}`, patch))).toMatchObject({
    guid,
    title: 'Better',
    description: 'of more',
    name: 'my-report',
  })
})

test('without a name it gets one', async () => {
  const ask = connectOf(await start())
  expect(await jsonOf(ask('/v1/content', { method: 'POST' }))).toMatchObject({ name: someText })
})

test('what cannot be is refused with its code', async () => {
  const ask = connectOf(await start())
  await jsonOf(ask('/v1/content', post({ name: 'taken' })))
  const codeOf = async (body: string): Promise<unknown> => jsonOf(ask('/v1/content', { method: 'POST', body }))
  expect(await codeOf('{"name":"taken"}')).toMatchObject({ code: 26 })
  expect(await codeOf('{"name":"a b"}')).toMatchObject({ code: 5 })
  expect(await codeOf('{"name":1}')).toMatchObject({ code: 25 })
  expect(await codeOf('[')).toMatchObject({ code: 121 })
  expect((await ask('/v1/content/nowhere', { method: 'PATCH', body: '{}' })).status).toBe(404)
})
