import { expect, test } from 'vitest'
import {
  bundleOf,
  connectOf,
  deployed,
  field,
  finalized,
  jobsOf,
  jsonOf,
  logOf,
  post,
  sandboxes,
  taskOf,
  textWith,
  upload,
} from '../support.ts'

const start = sandboxes()
const app = "console.error('starting'); console.log('listening'); setInterval(() => {}, 1000)"

test('a document is rendered inside the task, by whatever runs its entry point', async () => {
  const ask = connectOf(await start())
  const sources = { 'r.mjs': "console.log('rendered')", 'r.sh': 'echo rendered', 'r.py': "print('rendered')" }
  for (const [entry, source] of Object.entries(sources)) {
    const { guid, task } = await deployed(ask, await bundleOf('quarto-static', entry, { [entry]: source }))
    expect(task).toMatchObject({ finished: true, code: 0, error: '' })
    expect(task['output']).toEqual(expect.arrayContaining(['rendered']))
    const jobs = await jobsOf(ask, guid)
    expect(jobs).toMatchObject([{ tag: 'build_report', exit_code: 0 }])
    expect(await logOf(ask, { guid, key: field(jobs[0], 'key') })).toEqual(['rendered'])
  }
})

test('a render that fails fails the task and leaves the error with the job', async () => {
  const ask = connectOf(await start())
  const source = "console.error('no such column'); process.exit(4)"
  const { guid, task } = await deployed(ask, await bundleOf('jupyter-static', 'nb.mjs', { 'nb.mjs': source }))
  expect(task).toMatchObject({ code: 1, error: 'Unable to render: Rendering exited abnormally: exit status 4' })
  const [job] = await jobsOf(ask, guid)
  expect(job).toMatchObject({ tag: 'build_jupyter', exit_code: 4 })
  const error = await jsonOf(ask(`/v1/content/${guid}/jobs/${field(job, 'key')}/error`))
  expect(error).toMatchObject({ code: 'render-failed', summary: 'no such column' })
  expect(await jsonOf(ask(`/v1/content/${guid}`))).toMatchObject({ bundle_id: null })
})

test('an app is started by its deploy, and replaced by the next one', async () => {
  const ask = connectOf(await start())
  const bundle = await bundleOf('nodejs', 'app.mjs', { 'app.mjs': app })
  const { guid, task } = await deployed(ask, bundle)
  expect(task).toMatchObject({ code: 0 })
  const [first] = await jobsOf(ask, guid)
  expect(first).toMatchObject({ tag: 'run_app', status: 0, variant_id: '0' })
  await taskOf(ask, field(await jsonOf(ask(`/v1/content/${guid}/deploy`, post({}))), 'task_id'))
  const jobs = await jobsOf(ask, guid)
  expect(jobs.map(({ status }) => status === 0)).toEqual([true, false])
  expect(await finalized(ask, { guid, key: field(first, 'key') })).toMatchObject({ exit_code: 143 })
})

test('an app that dies before it says a word fails its deploy', async () => {
  const ask = connectOf(await start())
  const bundle = await bundleOf('python-api', 'app.mjs', { 'app.mjs': "throw new Error('no database')" })
  const { guid, task } = await deployed(ask, bundle)
  expect(task).toMatchObject({ code: 1, error: textWith('exit status 1') })
  const [job] = await jobsOf(ask, guid)
  const error = await jsonOf(ask(`/v1/content/${guid}/jobs/${field(job, 'key')}/error`))
  expect(error).toMatchObject({ code: 'app-exited' })
})

test('an app that says nothing counts as started after its time', async () => {
  const ask = connectOf(await start({ connect: { launchMs: 20 } }))
  const { task } = await deployed(ask, await bundleOf('shiny', 'app.sh', { 'app.sh': 'sleep 60' }))
  expect(task).toMatchObject({ code: 0 })
})

test('static content runs nothing unless it brings a program, and what cannot be run says so', async () => {
  const ask = connectOf(await start())
  const still = await deployed(ask, await bundleOf('static', 'index.html', { 'index.html': '<p>' }))
  expect(still.task).toMatchObject({ code: 0 })
  expect(await jobsOf(ask, still.guid)).toEqual([])
  const program = await deployed(ask, await bundleOf('static', 'make.sh', { 'make.sh': 'echo made' }))
  expect(program.task['output']).toContain('made')
  const r = await deployed(ask, await bundleOf('rmd-static', 'report.Rmd', { 'report.Rmd': '' }))
  expect(r.task).toMatchObject({ code: 1, error: textWith('report.Rmd') })
})

test('each bundle runs its own files', async () => {
  const ask = connectOf(await start())
  const first = await upload(ask, await bundleOf('quarto-static', 'r.sh', { 'r.sh': 'cat word', word: 'one\n' }))
  await ask(`/v1/content/${first.guid}/bundles`, {
    method: 'POST',
    body: await bundleOf('quarto-static', 'r.sh', { 'r.sh': 'cat word', word: 'two\n' }),
  })
  const outputOf = async (body: object): Promise<unknown> =>
    (await taskOf(ask, field(await jsonOf(ask(`/v1/content/${first.guid}/deploy`, post(body))), 'task_id')))['output']
  expect(await outputOf({})).toContain('two')
  expect(await outputOf({ bundle_id: first.bundleId })).toContain('one')
  expect(await jsonOf(ask(`/v1/content/${first.guid}`))).toMatchObject({ bundle_id: first.bundleId })
})
