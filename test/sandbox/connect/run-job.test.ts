import { expect, test } from 'vitest'
import { connectOf, finalized, sandboxes, until } from '../support.ts'

const start = sandboxes()

test('a document runs as its one variant, an app as none', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const document = await sandbox.connect.start({ command: ['true'] })
  const app = await sandbox.connect.start({ command: ['true'], tag: 'run_api' })
  expect(await finalized(ask, document)).not.toMatchObject({ variant_id: '0' })
  expect(await finalized(ask, app)).toMatchObject({ variant_id: '0', bundle_id: '0', tag: 'run_api' })
})

test('lines carry strictly growing times with nine fraction digits', async () => {
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const job = await sandbox.connect.start({ script: "for (let n = 0; n < 300; n += 1) console.log('line', n)" })
  await finalized(ask, job)
  const path = `/v1/content/${job.guid}/jobs/${job.key}/log`
  const log = await until(
    async () => (await ask(path)).text(),
    (text) => text.includes('line 299'),
  )
  const times = [...log.matchAll(/"timestamp":"([^"]*)"/g)].map(([, time]) => time ?? '')
  expect(times).toHaveLength(300)
  for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
  expect(new Set(times).size).toBe(300)
  expect([...times].sort()).toEqual(times)
})
