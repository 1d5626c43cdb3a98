import { describe, expect, test } from 'vitest'
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
  someText,
  taskOf,
  textWith,
  upload,
} from '../support.ts'

const start = sandboxes()

describe('deploy, build and render', () => {
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

  test('build activates what it built, unless it says not to', async () => {
    const ask = connectOf(await start())
    const { guid, bundleId } = await upload(ask, await report())
    const build = async (body: object): Promise<unknown> =>
      taskOf(ask, field(await jsonOf(ask(`/v1/content/${guid}/build`, post(body))), 'task_id'))
    const active = async (): Promise<unknown> => jsonOf(ask(`/v1/content/${guid}`))
    expect(await build({ bundle_id: bundleId, activate: false })).toMatchObject({ code: 0 })
    expect(await active()).toMatchObject({ bundle_id: null })
    expect(await build({ bundle_id: bundleId })).toMatchObject({ code: 0 })
    expect(await active()).toMatchObject({ bundle_id: bundleId })
  })

  test('the versioned render answers 202 with a task, for the variant whose key it names', async () => {
    const ask = connectOf(await start())
    const { guid } = await deployed(ask, await report())
    const variants = await jsonOf(ask(`/applications/${guid}/variants`))
    expect(await jsonOf(ask(`/applications/${guid}/variants`))).toEqual(variants)
    const key = field(Array.isArray(variants) ? variants[0] : undefined, 'key')
    expect(await jobsOf(ask, guid)).toMatchObject([{ variant_key: key }])
    for (const body of [{}, { variant_key: key }]) {
      const answer = await ask(`/v1/content/${guid}/render`, post(body))
      expect(answer.status).toBe(202)
      const task = await taskOf(ask, field(await answer.json(), 'task_id'))
      expect(task).toMatchObject({ code: 0 })
      expect(task['output']).toContain('rendered')
    }
    expect(await jobsOf(ask, guid)).toHaveLength(3)
    expect(await jsonOf(ask(`/v1/content/${guid}/render`, post({ variant_key: 'none' })))).toMatchObject({ code: 4 })
    const still = await deployed(ask, await bundleOf('static', 'a.html', { 'a.html': '' }))
    expect(await jsonOf(ask(`/v1/content/${still.guid}/render`, post({})))).toMatchObject({ code: 39 })
  })

  test('renders the default variant of a document, with a task of the old shape', async () => {
    const ask = connectOf(await start())
    const { guid } = await deployed(ask, await report())
    const variants = await jsonOf(ask(`/applications/${guid}/variants`))
    expect(variants).toMatchObject([{ is_default: true, key: someText }])
    const [job] = await jobsOf(ask, guid)
    const task = await jsonOf(ask(`/variants/${field(job, 'variant_id')}/render`, { method: 'POST' }))
    expect(await taskOf(ask, field(task, 'id'))).toMatchObject({ finished: true, code: 0 })
    expect(await jobsOf(ask, guid)).toHaveLength(2)
  })

  test('invalid deploys, builds and renders are refused with their codes', async () => {
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
})

describe('what a deploy does', () => {
  const app = "console.error('starting'); console.log('listening'); setInterval(() => {}, 1000)"

  test('renders a document within the task', async () => {
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

  test('a failed render fails the task, and its job has the error', async () => {
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

  test('a deploy starts an app, the next one replaces it', async () => {
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

  test('an app that ends without output fails its deploy', async () => {
    const ask = connectOf(await start())
    const bundle = await bundleOf('python-api', 'app.mjs', { 'app.mjs': "throw new Error('no database')" })
    const { guid, task } = await deployed(ask, bundle)
    expect(task).toMatchObject({ code: 1, error: textWith('exit status 1') })
    const [job] = await jobsOf(ask, guid)
    const error = await jsonOf(ask(`/v1/content/${guid}/jobs/${field(job, 'key')}/error`))
    expect(error).toMatchObject({ code: 'app-exited' })
  })

  test('an app without output counts as started after launchMs', async () => {
    const ask = connectOf(await start({ connect: { launchMs: 20 } }))
    const { task } = await deployed(ask, await bundleOf('shiny', 'app.sh', { 'app.sh': 'sleep 60' }))
    expect(task).toMatchObject({ code: 0 })
  })

  test('static content runs only its program; other entry points are refused', async () => {
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
})

describe('deploys with a restore job and named jobs', () => {
  const recorded = { connect: { restoreJob: true, taskOutput: 'recorded' as const } }
  const time = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{9} /

  /** The lines by which the server names a job. */
  const block = (guid: string, job: Record<string, unknown> | undefined): string[] =>
    [
      `Content GUID: ${guid}`,
      `Content ID: ${field(job, 'content_id')}`,
      `Bundle ID: ${field(job, 'bundle_id')}`,
      `Variant ID: ${field(job, 'variant_id')}`,
      `Job Key: ${field(job, 'key')}`,
    ].map((line) => `[rsc-session] ${line}`)
  const linesOf = ({ output }: Record<string, unknown>): string[] => (Array.isArray(output) ? output.map(String) : [])

  test.each([
    ['quarto-static', 'packrat_restore', 'build_report'],
    ['jupyter-static', 'python_restore', 'build_jupyter'],
    ['python-api', 'python_restore', 'run_python_api'],
  ])('a deploy of %s has a job %s and then a job %s', async (mode, first, second) => {
    const ask = connectOf(await start({ connect: { restoreJob: true } }))
    const source = mode === 'python-api' ? "console.log('up'); setInterval(() => {}, 1000)" : "console.log('up')"
    const { guid, task } = await deployed(ask, await bundleOf(mode, 'a.mjs', { 'a.mjs': source }))
    expect(task).toMatchObject({ code: 0 })
    const jobs = await jobsOf(ask, guid)
    expect(jobs.map(({ tag }) => tag)).toEqual([second, first])
    expect(jobs[1]).toMatchObject({ exit_code: 0, bundle_id: jobs[0]?.['bundle_id'] })
  })

  test('the output has a block and the lines of each job with their times, the logs have the same', async () => {
    const ask = connectOf(await start(recorded))
    const files = { 'r.sh': 'echo rendered; echo aside >&2', 'restore.sh': 'echo restored' }
    const { guid, task } = await deployed(ask, await bundleOf('quarto-static', 'r.sh', files))
    const [rendering, restoring] = await jobsOf(ask, guid)
    const lines = linesOf(task)
    const timed = lines.filter((line) => time.test(line))
    expect(timed.map((line) => line.replace(time, '')).sort()).toEqual(
      [...block(guid, restoring), 'restored', ...block(guid, rendering), 'rendered', 'aside'].sort(),
    )
    expect([...timed].sort()).toEqual(timed)
    expect(lines.indexOf('Rendering...')).toBe(1 + lines.findIndex((line) => line.endsWith(' restored')))
    expect(await logOf(ask, { guid, key: field(restoring, 'key') })).toEqual([...block(guid, restoring), 'restored'])
    const log = await (await ask(`/v1/content/${guid}/jobs/${field(rendering, 'key')}/log`)).text()
    expect(log.match(/"source":"stderr"/g)).toHaveLength(6)
  })

  test('exactly one job is listed right after the answer to a deploy', async () => {
    const ask = connectOf(await start(recorded))
    const { guid } = await upload(
      ask,
      await bundleOf('quarto-static', 'r.sh', { 'r.sh': '', 'restore.sh': 'sleep 60' }),
    )
    await ask(`/v1/content/${guid}/deploy`, post({}))
    expect(await jobsOf(ask, guid)).toMatchObject([{ tag: 'packrat_restore', status: 0 }])
  })

  test('the output of a deploy that starts an app names the job of the app', async () => {
    const ask = connectOf(await start(recorded))
    const app = "console.log('listening'); setInterval(() => {}, 1000)"
    const { guid, task } = await deployed(ask, await bundleOf('nodejs', 'app.mjs', { 'app.mjs': app }))
    const [running] = await jobsOf(ask, guid)
    expect(linesOf(task).join('\n')).toContain(`[rsc-session] Job Key: ${field(running, 'key')}`)
  })

  test('a failed restore fails the task with its error code, and nothing is rendered', async () => {
    const ask = connectOf(await start(recorded))
    const restore = "console.log('Error code: python-package-version-not-available'); process.exit(2)"
    const files = { 'r.sh': 'echo rendered', 'restore.mjs': restore }
    const { guid, task } = await deployed(ask, await bundleOf('jupyter-static', 'r.sh', files))
    expect(task).toMatchObject({
      code: 1,
      error:
        'Unable to restore: Restoring exited abnormally: exit status 2 (Error code: python-package-version-not-available)',
    })
    expect(linesOf(task).at(-1)).toMatch(/https:.*#python-package-version-not-available$/)
    expect(await jobsOf(ask, guid)).toMatchObject([{ tag: 'python_restore', exit_code: 2 }])
  })

  test('a build restores and does not render; static content has no restore job', async () => {
    const ask = connectOf(await start(recorded))
    const { guid, bundleId } = await upload(ask, await bundleOf('quarto-static', 'r.sh', { 'r.sh': 'echo rendered' }))
    const id = field(await jsonOf(ask(`/v1/content/${guid}/build`, post({ bundle_id: bundleId }))), 'task_id')
    expect(await taskOf(ask, id)).toMatchObject({ code: 0 })
    expect(await jobsOf(ask, guid)).toMatchObject([{ tag: 'packrat_restore' }])
    const still = await deployed(ask, await bundleOf('static', 'index.html', { 'index.html': '<p>' }))
    expect([still.task['code'], await jobsOf(ask, still.guid)]).toEqual([0, []])
  })
})

describe('visits', () => {
  const app = "console.log('listening'); setInterval(() => {}, 1000)"

  test('with appsStart "visit" the first visit starts the app once', async () => {
    const sandbox = await start({ connect: { appsStart: 'visit' } })
    const ask = connectOf(sandbox)
    const { guid, task } = await deployed(ask, await bundleOf('nodejs', 'app.mjs', { 'app.mjs': app }))
    expect([task['code'], await jobsOf(ask, guid)]).toEqual([0, []])
    const visits = await Promise.all([1, 2, 3].map(() => fetch(`${sandbox.url}/content/${guid}/`)))
    expect(visits.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(await jobsOf(ask, guid)).toMatchObject([{ tag: 'run_app', status: 0 }])
  })

  test('a visit starts a killed app again', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const { guid } = await deployed(ask, await bundleOf('nodejs', 'app.mjs', { 'app.mjs': app }))
    const key = field((await jobsOf(ask, guid))[0], 'key')
    await ask(`/v1/content/${guid}/jobs/${key}`, { method: 'DELETE' })
    await finalized(ask, { guid, key })
    await fetch(`${sandbox.url}/content/${guid}/some/page`)
    expect((await jobsOf(ask, guid)).map(({ status }) => status)).toEqual([0, 2])
  })

  test('visiting an app that cannot start is 502, unknown content 404', async () => {
    const sandbox = await start({ connect: { appsStart: 'visit' } })
    const { guid } = await deployed(connectOf(sandbox), await bundleOf('nodejs', 'app.sh', { 'app.sh': 'exit 2' }))
    expect((await fetch(`${sandbox.url}/content/${guid}/`)).status).toBe(502)
    expect((await fetch(`${sandbox.url}/content/nowhere/`)).status).toBe(404)
  })

  test('a draft runs beside the active app until a second deploy activates it', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const { guid } = await deployed(ask, await bundleOf('nodejs', 'app.mjs', { 'app.mjs': app }))
    const upload = ask(`/v1/content/${guid}/bundles`, {
      method: 'POST',
      body: await bundleOf('nodejs', 'app.mjs', { 'app.mjs': app }),
    })
    const id = field(await jsonOf(upload), 'id')
    const deploy = async (body: object): Promise<unknown> =>
      taskOf(ask, field(await jsonOf(ask(`/v1/content/${guid}/deploy`, post(body))), 'task_id'))
    const running = async (): Promise<unknown[]> =>
      (await jobsOf(ask, guid)).filter(({ status }) => status === 0).map((job) => job['bundle_id'])

    expect(await deploy({ bundle_id: id, activate: false })).toMatchObject({ code: 0 })
    expect(await running()).toHaveLength(1)
    expect(await running()).not.toContain(id)
    expect((await fetch(`${sandbox.url}/content/${guid}/_bundle${id}/`)).status).toBe(200)
    expect(await running()).toHaveLength(2)
    expect(await deploy({ bundle_id: id })).toMatchObject({ code: 0 })
    expect(await running()).toEqual([id])
    expect((await fetch(`${sandbox.url}/content/${guid}/_bundle999/`)).status).toBe(404)
  })
})
