import { firstValueFrom } from 'rxjs'
import { connect } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { bundleOf, sandboxes, someText, until } from '../../sandbox/support.ts'
import { answering, asked, connectTo, errorOf, refusal } from '../support.ts'

const start = sandboxes()
const report = await bundleOf('quarto-static', 'r.mjs', { 'r.mjs': "console.log('rendered')" })

test('from nothing to a deployed bundle, each step under its own name', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const content = await firstValueFrom(pc.createContent({ name: 'a-report', title: 'A report' }))
  expect(content).toMatchObject({ guid: someText, name: 'a-report', title: 'A report', bundle_id: null })
  const { guid } = content
  const bundle = await firstValueFrom(pc.uploadBundle({ guid, archive: report }))
  expect(bundle).toMatchObject({ id: someText, content_guid: guid, active: false, size: report.byteLength })
  const built = await firstValueFrom(pc.buildContent({ guid, bundle_id: bundle.id }))
  expect(await firstValueFrom(pc.getTask({ id: built.task_id, wait: 20 }))).toMatchObject({ finished: true, code: 0 })
  const deployed = await firstValueFrom(pc.deployContent({ guid, bundle_id: bundle.id }))
  const task = await until(
    () => firstValueFrom(pc.getTask({ id: deployed.task_id, wait: 20 })),
    ({ finished }) => finished,
  )
  expect(task).toMatchObject({ code: 0, error: '', output: [someText, 'Rendering...', 'rendered', 'Deployed.'] })
  const path = `/__api__/v1/content`
  expect(sandbox.exchanges.map(({ method, path: to, status }) => `${method} ${to} ${status ?? 0}`)).toEqual([
    `POST ${path} 200`,
    `POST ${path}/${guid}/bundles 200`,
    `POST ${path}/${guid}/build 200`,
    `GET /__api__/v1/tasks/${built.task_id}?wait=20 200`,
    `POST ${path}/${guid}/deploy 202`,
    `GET /__api__/v1/tasks/${deployed.task_id}?wait=20 200`,
  ])
})

test('without a bundle id the newest is deployed; a draft stays one', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const { guid } = await firstValueFrom(pc.createContent({ name: 'drafted' }))
  expect(await errorOf(pc.deployContent({ guid }))).toMatchObject({ status: 404, code: 28, missing: 'object' })
  await firstValueFrom(pc.uploadBundle({ guid, archive: report }))
  const { task_id } = await firstValueFrom(pc.deployContent({ guid, activate: false }))
  const { output } = await firstValueFrom(pc.getTask({ id: task_id, wait: 20 }))
  expect([output.includes('rendered'), output.includes('Deployed.')]).toEqual([true, false])
})

test('the bodies have what the service documents and nothing else', async () => {
  const { transport, requests } = answering(() => ({ body: { guid: 'g', id: '1', task_id: 't' } }))
  const pc = connect({ server: 'https://host', apiKey: 'k', transport })
  const [guid, bundle_id] = ['g', '7']
  await firstValueFrom(pc.createContent({ name: 'n', title: 't', description: 'd' }))
  await firstValueFrom(pc.deployContent({ guid }))
  await firstValueFrom(pc.deployContent({ guid, bundle_id, activate: false }))
  await firstValueFrom(pc.buildContent({ guid, bundle_id }))
  expect(requests.map(({ url, body }) => [url.replace('https://host/__api__/v1/content', ''), body])).toEqual([
    ['', '{"name":"n","title":"t","description":"d"}'],
    ['/g/deploy', '{}'],
    ['/g/deploy', '{"bundle_id":"7","activate":false}'],
    ['/g/build', '{"bundle_id":"7"}'],
  ])
})

test('a POST that failed is not sent again unless the call says so', async () => {
  const sandbox = await start({ faults: { rules: [{ kind: 'status', status: 503, match: { method: 'POST' } }] } })
  const pc = connectTo(sandbox, { retry: { base: 1 } })
  for (const call of [
    pc.createContent({ name: 'n' }),
    pc.uploadBundle({ guid: 'g', archive: report }),
    pc.deployContent({ guid: 'g' }),
    pc.buildContent({ guid: 'g' }),
    pc.renderVariant({ variant_id: 1 }),
  ]) {
    await errorOf(call)
  }
  expect(asked(sandbox)).toHaveLength(5)
  await errorOf(pc.deployContent({ guid: 'g' }, { retry: true }))
  expect(asked(sandbox)).toHaveLength(8)
})

test('what can never work is refused before anything is sent', () => {
  const { transport, requests } = answering(() => ({ body: {} }))
  const pc = connect({ server: 'https://host', apiKey: 'k', transport })
  expect(refusal(() => pc.createContent({ name: '' }))).toMatch(/^createContent: name must be a string/)
  expect(refusal(() => pc.deployContent({ guid: '' }))).toMatch(/^deployContent: guid must be a string/)
  expect(refusal(() => pc.buildContent({ guid: 'g', bundle_id: '' }))).toMatch(/^buildContent: bundle_id must be/)
  expect(requests).toEqual([])
})
