import { firstValueFrom } from 'rxjs'
import { connect } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { bundleOf, sandboxes, someText } from '../../sandbox/support.ts'
import { answering, connectTo, errorOf, refusal } from '../support.ts'

const start = sandboxes()

test('the default variant of a document is rendered again, as a task in the old shape', async () => {
  const pc = connectTo(await start())
  const { guid } = await firstValueFrom(pc.createContent({ name: 'a-report' }))
  expect(await firstValueFrom(pc.getVariants({ guid }))).toEqual([])
  const archive = await bundleOf('quarto-static', 'r.mjs', { 'r.mjs': "console.log('rendered')" })
  await firstValueFrom(pc.uploadBundle({ guid, archive }))
  const { task_id } = await firstValueFrom(pc.deployContent({ guid }))
  await firstValueFrom(pc.getTask({ id: task_id, wait: 20 }))

  const [variant] = await firstValueFrom(pc.getVariants({ guid }))
  expect(variant).toMatchObject({ is_default: true })
  const [job] = await firstValueFrom(pc.getJobs({ guid }))
  expect(job?.variant_id).toBe(String(variant?.id))

  const task = await firstValueFrom(pc.renderVariant({ variant_id: variant?.id ?? '' }))
  expect(task).toMatchObject({ id: someText, finished: false })
  expect(await firstValueFrom(pc.getTask({ id: task.id, wait: 20 }))).toMatchObject({ finished: true, code: 0 })
  expect(await firstValueFrom(pc.getJobs({ guid }))).toHaveLength(2)
})

test('no variant of that id', async () => {
  expect(await errorOf(connectTo(await start()).renderVariant({ variant_id: 7 }))).toMatchObject({ code: 4 })
})

test('an id is a number or a piece of the path', async () => {
  const { transport, requests } = answering(() => ({ body: { id: 't' } }))
  const pc = connect({ server: 'https://host', apiKey: 'k', transport })
  await firstValueFrom(pc.renderVariant({ variant_id: 6627 }))
  await firstValueFrom(pc.renderVariant({ variant_id: 'a/b' }))
  expect(requests.map(({ url }) => url.replace('https://host/__api__', ''))).toEqual([
    '/variants/6627/render',
    '/variants/a%2Fb/render',
  ])
  for (const variant_id of ['', '..', 0, 1.5]) {
    expect(refusal(() => pc.renderVariant({ variant_id }))).toMatch(/^renderVariant: variant_id must be a/)
  }
})
