import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from 'rxjobs/sandbox'
import { type Bundle, bundle } from './bundle.ts'
import { cases, connectEnv } from './cases.ts'
import { faultOf, type Runtime, runExample } from './run-example.ts'

let sandbox: Sandbox
let bundled: Bundle
beforeAll(async () => {
  sandbox = await startSandbox()
  bundled = await bundle(cases.map(({ file }) => `examples/${file}`))
})
afterAll(() => Promise.all([sandbox.close(), bundled.remove()]))

const node: Runtime = { name: 'node', binary: process.execPath }
const folder = fileURLToPath(new URL('../../examples', import.meta.url))
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))

describe('each example prints what it should', () => {
  test.concurrent.each(cases)(
    '$file',
    async (example) => {
      const run = await runExample({ ...node, pathOf: bundled.pathOf }, example, await example.prepare(sandbox))
      expect(faultOf(example, run), JSON.stringify(run)).toBeUndefined()
    },
    60_000,
  )
})

describe('an example that cannot go on', () => {
  const [example] = cases.filter(({ file }) => file === 'follow-job.ts')

  test('says that a job does not exist', async () => {
    if (example === undefined) throw new Error('no such example')
    const env = { ...connectEnv(sandbox), CONNECT_CONTENT_GUID: 'no-content', CONNECT_JOB_KEY: 'no-job' }
    const run = await runExample({ ...node, pathOf: bundled.pathOf }, example, env)
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(run.stderr).toContain(`HttpError: GET /__api__/v1/content/no-content/jobs/no-job at ${sandbox.url}: 404`)
  })

  test('says which variables are missing and how to set them for a sandbox', async () => {
    if (example === undefined) throw new Error('no such example')
    const run = await runExample(node, example, {})
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(run.stderr).toContain(
      'Missing environment variables: CONNECT_SERVER, CONNECT_API_KEY, CONNECT_CONTENT_GUID, CONNECT_JOB_KEY\n',
    )
    expect(run.stderr).toContain('npm run sandbox')
    expect(run.stderr).toContain('npx tsx examples/start-report.ts')
  })
})

describe('the files', () => {
  const sources = files.map((name) => ({ name, text: readFileSync(`${folder}/${name}`, 'utf8') }))
  const runnable = sources.filter(({ name }) => cases.some(({ file }) => file === name))

  test('each case is about a file', () => {
    expect(runnable).toHaveLength(cases.length)
  })

  test.each(runnable)('$name starts with its commands for Node, Deno and Bun', ({ name, text }) => {
    const comment = text.split('\n').slice(0, 3).join('\n')
    expect(comment).toContain(`npx tsx examples/${name}`)
    expect(comment).toContain(`bun examples/${name}`)
    const flags = cases.find(({ file }) => file === name)?.denoFlags ?? []
    expect(comment).toContain(`deno run ${flags.join(' ')} examples/${name}`)
  })

  test.each(sources)('$name is short', ({ name, text }) => {
    // docs/your-own-service.md explains the client of a whole service.
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(name === 'github-actions.ts' ? 130 : 40)
  })
})
