import { firstValueFrom } from 'rxjs'
import { connect } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { bundleOf, sandboxes, until } from '../../sandbox/support.ts'
import { connectTo, errorOf, refusal, serve } from '../support.ts'

const start = sandboxes()

test('wakes an app whose job starts with the first visit', async () => {
  const sandbox = await start({ connect: { appsStart: 'visit' } })
  const pc = connectTo(sandbox)
  const { guid } = await firstValueFrom(pc.createContent({ name: 'an-app' }))
  const app = "console.log('listening'); setInterval(() => {}, 1000)"
  await firstValueFrom(pc.uploadBundle({ guid, archive: await bundleOf('nodejs', 'a.mjs', { 'a.mjs': app }) }))
  const { task_id } = await firstValueFrom(pc.deployContent({ guid }))
  await firstValueFrom(pc.getTask({ id: task_id, wait: 20 }))
  expect(await firstValueFrom(pc.getJobs({ guid }))).toEqual([])
  expect(await firstValueFrom(pc.visitContent({ guid }))).toBe(200)
  expect(await firstValueFrom(pc.getJobs({ guid }))).toMatchObject([{ tag: 'run_app', status: 0 }])
  expect(sandbox.exchanges.find(({ path }) => path === `/content/${guid}/`)).toMatchObject({ authorization: 'Key' })
})

test.each([200, 204, 302, 401, 404])('%d will do', async (status) => {
  const server = await serve((_, response) => response.writeHead(status, { location: '/login' }).end('words'))
  expect(await firstValueFrom(connect({ server, apiKey: 'k' }).visitContent({ guid: 'g' }))).toBe(status)
})

test('5xx will not', async () => {
  const server = await serve((_, response) => response.writeHead(502).end('Unable to launch.'))
  expect(await errorOf(connect({ server, apiKey: 'k', retry: false }).visitContent({ guid: 'g' }))).toMatchObject({
    _tag: 'HttpError',
    path: '/content/g/',
    status: 502,
  })
})

test('goes below the address of the server, and reads no page to its end', async () => {
  const paths: Array<string | undefined> = []
  let closed = false
  const server = await serve((request, response) => {
    paths.push(request.url)
    response.write('a page that never ends')
    response.once('close', () => (closed = true))
  })
  const pc = connect({ server: `${server}/rsc/__api__`, apiKey: 'k' })
  expect(await firstValueFrom(pc.visitContent({ guid: 'a b' }))).toBe(200)
  await until(() => closed, Boolean)
  expect(paths).toEqual(['/rsc/content/a%20b/'])
  expect(refusal(() => pc.visitContent({ guid: '..' }))).toMatch(/^visitContent: guid must be a string/)
})
