import { request } from 'node:http'
import { expect, test } from 'vitest'
import { bundleOf, connectOf, field, jsonOf, post, sandboxes, someText, upload } from '../support.ts'

const start = sandboxes()

test('takes a gzipped tar as the body or as a part of a form', async () => {
  const ask = connectOf(await start())
  const archive = await bundleOf('static', 'index.html', { 'index.html': '<p>' })
  const { guid, bundleId } = await upload(ask, archive)
  const form = new FormData()
  form.set('archive', new Blob([archive]), 'bundle.tar.gz')
  form.set('metadata', '{}')
  const second = await jsonOf(ask(`/v1/content/${guid}/bundles`, { method: 'POST', body: form }))
  expect(second).toMatchObject({ content_guid: guid, size: archive.length, active: false, created_time: someText })
  expect(field(second, 'id')).not.toBe(bundleId)
})

test('refuses what is no bundle and what is too large', async () => {
  const ask = connectOf(await start({ connect: { maxBundleBytes: 2000 } }))
  const guid = field(await jsonOf(ask('/v1/content', post({ name: 'some-name' }))), 'guid')
  const send = (body: string | FormData): Promise<Response> =>
    ask(`/v1/content/${guid}/bundles`, { method: 'POST', body })
  for (const body of ['', 'no gzip', 'x'.repeat(5000), new FormData()]) {
    const answer = await send(body)
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 135 }])
  }
  expect((await ask('/v1/content/nowhere/bundles', { method: 'POST', body: 'a' })).status).toBe(404)
})

test('takes an upload whose length is not stated beforehand', async () => {
  const sandbox = await start()
  const { guid } = await upload(connectOf(sandbox), await bundleOf('static', '', {}))
  const archive = await bundleOf('static', 'index.html', { 'index.html': '<p>' })
  const status = await new Promise((resolve, reject) => {
    const url = `${sandbox.url}/__api__/v1/content/${guid}/bundles`
    const headers = { authorization: `Key ${sandbox.connect.apiKey}` }
    const asked = request(url, { method: 'POST', headers }, (message) => {
      message.resume()
      resolve(message.statusCode)
    })
    asked.once('error', reject)
    for (const byte of archive) asked.write(Buffer.of(byte))
    asked.end()
  })
  expect(status).toBe(200)
})
