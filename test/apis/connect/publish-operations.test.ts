// The operations that lead to a job: content, bundles, deploys, variants, tasks, and the visit of a page.
import { firstValueFrom, NEVER, VirtualTimeScheduler } from 'rxjs'
import { thenTail, thenWatch } from 'rxjobs'
import { type Connect, connect } from 'rxjobs/connect'
import { describe, expect, test } from 'vitest'
import { bundleOf, sandboxes, someText, until } from '../../sandbox/support.ts'
import { all, answering, asked, connectTo, errorOf, refusal, serve } from '../support.ts'
import { published } from './publishing.ts'

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
  await firstValueFrom(pc.buildContent({ guid, activate: false }))
  await firstValueFrom(pc.renderContent({ guid }))
  await firstValueFrom(pc.renderContent({ guid, variant_key: 'v' }))
  expect(requests.map(({ url, body }) => [url.replace('https://host/__api__/v1/content', ''), body])).toEqual([
    ['', '{"name":"n","title":"t","description":"d"}'],
    ['/g/deploy', '{}'],
    ['/g/deploy', '{"bundle_id":"7","activate":false}'],
    ['/g/build', '{"bundle_id":"7"}'],
    ['/g/build', '{"activate":false}'],
    ['/g/render', '{}'],
    ['/g/render', '{"variant_key":"v"}'],
  ])
})

test('a POST that failed is not sent again unless the call says so', async () => {
  const sandbox = await start({ faults: { rules: [{ kind: 'status', status: 503, match: { method: 'POST' } }] } })
  const pc = connectTo(sandbox, { retry: { maxAttempts: 3 }, random: () => 0 })
  for (const call of [
    pc.createContent({ name: 'n' }),
    pc.uploadBundle({ guid: 'g', archive: report }),
    pc.deployContent({ guid: 'g' }),
    pc.buildContent({ guid: 'g' }),
    pc.renderContent({ guid: 'g' }),
    pc.renderVariant({ variant_id: 1 }),
  ]) {
    await errorOf(call)
  }
  expect(asked(sandbox)).toHaveLength(6)
  await errorOf(pc.deployContent({ guid: 'g' }, { retry: true }))
  expect(asked(sandbox)).toHaveLength(9)
})

test('what can never work is refused before anything is sent', () => {
  const { transport, requests } = answering(() => ({ body: {} }))
  const pc = connect({ server: 'https://host', apiKey: 'k', transport })
  expect(refusal(() => pc.createContent({ name: '' }))).toMatch(/^createContent: name must be a string/)
  expect(refusal(() => pc.deployContent({ guid: '' }))).toMatch(/^deployContent: guid must be a string/)
  expect(refusal(() => pc.buildContent({ guid: 'g', bundle_id: '' }))).toMatch(/^buildContent: bundle_id must be/)
  expect(refusal(() => pc.renderContent({ guid: '' }))).toMatch(/^renderContent: guid must be a string/)
  expect(refusal(() => pc.renderContent({ guid: 'g', variant_key: '' }))).toMatch(/^renderContent: variant_key must be/)
  expect(requests).toEqual([])
})

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
  expect(await firstValueFrom(pc.getTask({ id: task.task_id, wait: 20 }))).toMatchObject({ finished: true, code: 0 })
  expect(await firstValueFrom(pc.getJobs({ guid }))).toHaveLength(2)
})

test('a document is rendered again by its content, also on a server that has only variants', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const { guid } = await published(pc, 'quarto-static', "console.log('rendered')")
  await all(pc.deployContent({ guid }).pipe(thenWatch(pc.tasks, { pollInterval: 5 })))
  const lines = await all(pc.renderContent({ guid }).pipe(thenTail(pc.tasks, { pollInterval: 5 })))
  expect(lines.map((line) => line._tag === 'Line' && line.data)).toContain('rendered')
  const jobs = await firstValueFrom(pc.getJobs({ guid }))
  expect(jobs.filter(({ tag }) => tag === 'build_report')).toHaveLength(2)
})

describe('on a server without the endpoint for renders', () => {
  const variants = [
    { id: 1, key: 'other' },
    { id: 2, key: 'default', is_default: true },
  ]
  /** A client of that server, and what it was asked. */
  const old = (found: ReadonlyArray<object>) => {
    const { transport, requests } = answering(({ url }) => {
      if (url.endsWith('/v1/content/g/render')) return { status: 404, body: '404 page not found' }
      return { body: url.endsWith('/applications/g/variants') ? found : { id: 't' } }
    })
    const pc = connect({ server: 'https://host', apiKey: 'k', transport })
    const paths = () => requests.map(({ method, url }) => `${method} ${url.replace('https://host/__api__', '')}`)
    return { pc, paths }
  }

  test.each([
    [{ guid: 'g' }, 2],
    [{ guid: 'g', variant_key: 'other' }, 1],
  ])('the variant is looked for: %j', async (content, id) => {
    const { pc, paths } = old(variants)
    expect(await firstValueFrom(pc.renderContent(content))).toMatchObject({ task_id: 't' })
    const asked = ['POST /v1/content/g/render', 'GET /applications/g/variants', `POST /variants/${id}/render`]
    expect(paths()).toEqual(asked)
  })

  test.each([
    ['no variants', { guid: 'g' }, []],
    ['no default variant', { guid: 'g' }, variants.slice(0, 1)],
    ['no variant of that key', { guid: 'g', variant_key: 'third' }, variants],
  ])('%s is the error that the server lacks the endpoint, and nothing is rendered', async (_, content, found) => {
    const { pc, paths } = old(found)
    const error = await errorOf(pc.renderContent(content))
    expect(error).toMatchObject({ _tag: 'HttpError', status: 404, path: '/__api__/v1/content/g/render' })
    expect(error.message).toContain('no such endpoint')
    expect(paths()).toHaveLength(2)
  })
})

test.each([
  [403, { code: 22, error: 'no' }],
  [404, { code: 4, error: 'no such object' }],
  [503, ''],
])('a render that is refused with %d is not tried another way', async (status, body) => {
  const { transport, requests } = answering(() => ({ status, body }))
  const pc = connect({ server: 'https://host', apiKey: 'k', transport })
  expect(await errorOf(pc.renderContent({ guid: 'g' }))).toMatchObject({ status })
  expect(requests).toHaveLength(1)
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
  for (const variant_id of ['', '..', 0, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(refusal(() => pc.renderVariant({ variant_id }))).toMatch(/^renderVariant: variant_id must be a/)
  }
})

test('first and wait go into the query', async () => {
  const { transport, requests } = answering(() => ({ body: { id: 't', output: [], finished: true } }))
  const pc = connect({ server: 'https://host', apiKey: 'k', transport })
  await firstValueFrom(pc.getTask({ id: 'a/b' }))
  await firstValueFrom(pc.getTask({ id: 't', first: 0, wait: 20 }))
  expect(requests.map(({ url }) => url.replace('https://host/__api__/v1', ''))).toEqual([
    '/tasks/a%2Fb',
    '/tasks/t?first=0&wait=20',
  ])
  expect(refusal(() => pc.getTask({ id: '' }))).toMatch(/^getTask: id must be a string/)
  expect(refusal(() => pc.getTask({ id: 't', wait: 21 }))).toBe(
    'getTask: wait must be a whole number from 0 to 20, was 21',
  )
  expect(refusal(() => pc.getTask({ id: 't', first: -1 }))).toMatch(/first must be a whole number from 0 up, was -1$/)
})

test('what the answer was asked to wait is beyond the time of a call, unless the call says its own', () => {
  const endsAt = (...call: Parameters<Connect['getTask']>): number => {
    const clock = new VirtualTimeScheduler()
    let ended = 0
    connect({
      server: 'https://host',
      apiKey: 'k',
      transport: () => NEVER,
      timeout: 5_000,
      retry: false,
      scheduler: clock,
    })
      .getTask(...call)
      .subscribe({ error: () => (ended = clock.now()) })
    clock.flush()
    return ended
  }
  const task = { id: 't', wait: 20 }
  expect([endsAt({ id: 't' }), endsAt(task), endsAt(task, { timeout: 100 })]).toEqual([5_000, 25_000, 100])
})

test('no task of that id is an object that is not there', async () => {
  const pc = connectTo(await start())
  expect(await errorOf(pc.getTask({ id: 'none' }))).toMatchObject({ status: 404, code: 4, missing: 'object' })
})

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
