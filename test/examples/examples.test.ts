import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from 'rxjobs/sandbox'
import { cases, connectEnv } from './cases.ts'
import { faultOf, type Runtime, runExample } from './run-example.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())

const node: Runtime = { name: 'node', binary: process.execPath }
const folder = fileURLToPath(new URL('../../examples', import.meta.url))
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))

describe('what each example prints', () => {
  test.concurrent.each(cases)('$file', async (example) => {
    const run = await runExample(node, example, await example.prepare(sandbox))
    expect(faultOf(example, run), JSON.stringify(run)).toBeUndefined()
  })
})

describe('what an example says when it cannot go on', () => {
  const [example] = cases.filter(({ file }) => file === 'follow-one-union.ts')

  test('a job that is not there', async () => {
    if (example === undefined) throw new Error('no such example')
    const env = { ...connectEnv(sandbox), CONNECT_CONTENT_GUID: 'no-content', CONNECT_JOB_KEY: 'no-job' }
    const run = await runExample(node, example, env)
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(run.stderr).toContain(`HttpError: GET /v1/content/no-content/jobs/no-job at ${sandbox.url}: 404`)
  })

  test('an environment without an address', async () => {
    if (example === undefined) throw new Error('no such example')
    const run = await runExample(node, example, {})
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(run.stderr).toContain('server: is missing')
  })
})

describe('the files', () => {
  const sources = files.map((name) => ({ name, text: readFileSync(`${folder}/${name}`, 'utf8') }))
  const runnable = sources.filter(({ name }) => cases.some(({ file }) => file === name))

  test('every case has one', () => {
    expect(runnable).toHaveLength(cases.length)
  })

  test.each(runnable)('$name says in its first comment how it is run everywhere', ({ name, text }) => {
    const comment = text.slice(0, text.search(/^import/m))
    expect(comment).toContain(`npx tsx examples/${name}`)
    expect(comment).toContain(`bun examples/${name}`)
    const flags = cases.find(({ file }) => file === name)?.denoFlags ?? []
    expect(comment).toContain(`deno run ${flags.join(' ')} examples/${name}`)
  })

  test.each(sources)('$name is short', ({ name, text }) => {
    // The service that docs/add-a-service.md builds is a whole one.
    const most = name === 'github-actions.ts' ? 119 : 40
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(most)
  })
})
