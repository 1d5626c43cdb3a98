import { expect, test } from 'vitest'
import { connectOf, jsonOf, sandboxes, someText } from '../support.ts'

const start = sandboxes()

test('tells its version and whose key it is', async () => {
  const ask = connectOf(await start({ connect: { version: '2022.10.0' } }))
  expect(await jsonOf(ask('/server_settings'))).toMatchObject({ version: '2022.10.0' })
  expect(await jsonOf(ask('/v1/user'))).toMatchObject({ username: 'sandbox', guid: someText })
  expect(await jsonOf(ask('/v1/server_settings/python'))).toEqual({ installations: [] })
  expect((await ask('/v1/server_settings/cobol')).status).toBe(404)
})
