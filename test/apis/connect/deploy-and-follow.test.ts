import { firstValueFrom, from, lastValueFrom } from 'rxjs'
import { type Connect, connect, type Deploy, deployAndFollow } from 'rxjobs/connect'
import type { Sandbox } from 'rxjobs/sandbox'
import { describe, expect, test } from 'vitest'
import { bundleOf, connectOf, field, sandboxes, someText } from '../../sandbox/support.ts'
import { all, answering, asked, connectTo, errorOf, refusal } from '../support.ts'

const start = sandboxes()
const soon = { pollInterval: 10 }
const bundle = (program: string): Promise<Uint8Array> => bundleOf('quarto-static', 'r.mjs', { 'r.mjs': program })
const good = await bundle("console.log('rendered')")

test('from nothing to the settled job, also on a cluster that insists on its cookie', async () => {
  const sandbox = await start({ connect: { cluster: true } })
  const archive = from([good.subarray(0, 100), good.subarray(100)])
  const events = await all(deployAndFollow(connectTo(sandbox), { name: 'a-report', title: 'A', archive }, soon))
  const bundle = { id: someText, size: good.byteLength }
  expect(events[0]).toMatchObject({ _tag: 'Upload', ref: { guid: someText }, bundle })
  expect(events.filter(({ _tag }) => _tag === 'Upload')).toHaveLength(1)
  const lines = events.flatMap((event) => (event._tag === 'Line' && 'key' in event.ref ? [event.data] : []))
  expect(lines).toEqual(['rendered'])
  expect(events.at(-1)).toMatchObject({
    _tag: 'Settled',
    outcome: { phase: 'succeeded', job: { jobs: [{ job: { exit_code: 0 } }] } },
  })
  expect(sandbox.exchanges.filter(({ status = 0 }) => status >= 400)).toEqual([])
})

test('for content that is there, jobs of an earlier bundle are not told again', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const { guid } = await firstValueFrom(pc.createContent({ name: 'a-report' }))
  await lastValueFrom(deployAndFollow(pc, { guid, archive: good }, soon))
  const archive = await bundle("console.error('no disk'); process.exitCode = 7")
  const settled = await lastValueFrom(deployAndFollow(pc, { guid, archive }, soon))
  expect(settled).toMatchObject({
    outcome: {
      phase: 'failed',
      failure: { task: { code: 1 }, jobs: [{ exitCode: 7, error: { summary: 'no disk' } }] },
    },
  })
  expect(asked(sandbox).filter((line) => line === 'POST /__api__/v1/content')).toHaveLength(1)
})

test('no step is taken after one that failed, and none is repeated', async () => {
  const sandbox = await start({
    faults: { rules: [{ kind: 'status', status: 503, match: { path: /\/deploy$/ } }] },
  })
  const deploy = deployAndFollow(connectTo(sandbox), { name: 'a-report', archive: good }, soon)
  expect(await errorOf(deploy)).toMatchObject({ _tag: 'HttpError', status: 503 })
  expect(asked(sandbox).map((line) => line.replace(/content\/[^/]+/, 'content/g'))).toEqual([
    'POST /__api__/v1/content',
    'POST /__api__/v1/content/g/bundles',
    'GET /__api__/v1/content/g/jobs',
    'POST /__api__/v1/content/g/deploy',
  ])
})

test('a line that stands in the output of the task and in the log of its job is told once', async () => {
  const sandbox = await start({ connect: { restoreJob: true, taskOutput: 'recorded' } })
  const events = await all(deployAndFollow(connectTo(sandbox), { name: 'a-report', archive: good }, soon))
  const lines = events.flatMap((event) => (event._tag === 'Line' ? [event.data] : []))
  expect(lines.filter((line) => line.includes('rendered'))).toEqual(['rendered'])
  expect(new Set(lines).size).toBe(lines.length - 4)
  expect(lines.filter((line) => line.includes('Job Key'))).toHaveLength(2)
})

describe('a draft', () => {
  const settings = { connect: { restoreJob: true, taskOutput: 'recorded', appsStart: 'visit' } } as const
  const app = (program: string): Promise<Uint8Array> => bundleOf('python-api', 'r.mjs', { 'r.mjs': program })
  const runs = "console.log('listening'); setInterval(() => {}, 1000)"
  const posts = (sandbox: Sandbox): ReadonlyArray<string> =>
    asked(sandbox).flatMap(
      (line) => /^POST .*\/(deploy)$|^GET (\/content\/.*)/.exec(line)?.slice(1).filter(Boolean) ?? [],
    )
  /** Content with an active bundle. */
  async function published(sandbox: Sandbox): Promise<{ readonly pc: Connect; readonly guid: string }> {
    const pc = connectTo(sandbox)
    const { guid } = await firstValueFrom(pc.createContent({ name: 'an-app' }))
    const settled = await lastValueFrom(deployAndFollow(pc, { guid, archive: good }, soon))
    expect(settled).toMatchObject({ outcome: { phase: 'succeeded' } })
    return { pc, guid }
  }
  const active = (sandbox: Sandbox, guid: string): Promise<unknown> =>
    connectOf(sandbox)(`/v1/content/${guid}`).then(async (answer) => field(await answer.json(), 'bundle_id'))

  test('that works is visited and then activated', async () => {
    const sandbox = await start(settings)
    const { pc, guid } = await published(sandbox)
    const events = await all(
      deployAndFollow(pc, { guid, archive: await app(runs) }, { ...soon, activate: 'tested', apps: 'leave' }),
    )
    expect(events.filter(({ _tag }) => _tag === 'Settled')).toHaveLength(1)
    expect(events.at(-1)).toMatchObject({ _tag: 'Settled', outcome: { phase: 'succeeded' } })
    expect(posts(sandbox).slice(1)).toEqual(['deploy', `/content/${guid}/_bundle2/`, 'deploy'])
    expect(await active(sandbox, guid)).toBe('2')
    const lines = events.flatMap((event) => (event._tag === 'Line' && 'key' in event.ref ? [event.data] : []))
    expect(lines).toContain('listening')
  })

  test.each<[what: string, program: string]>([
    ['whose app cannot start', "console.error('no database'); process.exitCode = 3"],
    ['whose environment cannot be restored', runs],
  ])('%s is not activated, and says why', async (what, program) => {
    const sandbox = await start(settings)
    const { pc, guid } = await published(sandbox)
    const files = what.includes('restored') ? { 'restore.mjs': 'process.exitCode = 3' } : {}
    const archive = await bundleOf('python-api', 'r.mjs', { 'r.mjs': program, ...files })
    const settled = await lastValueFrom(deployAndFollow(pc, { guid, archive }, { ...soon, activate: 'tested' }))
    expect(settled).toMatchObject({
      _tag: 'Settled',
      outcome: { phase: 'failed', failure: { jobs: [{ exitCode: 3 }] } },
    })
    expect(posts(sandbox).filter((line) => line === 'deploy')).toHaveLength(2)
    expect(await active(sandbox, guid)).toBe('1')
  })

  test('stays one with `activate: false`; a visit goes to its page', async () => {
    const sandbox = await start(settings)
    const { pc, guid } = await published(sandbox)
    const archive = await app(runs)
    const options = { ...soon, activate: false, visit: true, apps: 'leave' } as const
    const settled = await lastValueFrom(deployAndFollow(pc, { guid, archive }, options))
    expect(settled).toMatchObject({
      outcome: { phase: 'succeeded', job: { jobs: [{}, { job: { tag: 'run_python_api' } }] } },
    })
    expect(posts(sandbox).slice(1)).toEqual(['deploy', `/content/${guid}/_bundle2/`])
    expect(await active(sandbox, guid)).toBe('1')
  })
})

describe('invalid arguments are refused before anything is made', () => {
  const { transport, requests } = answering(() => ({ body: {} }))
  const pc = connect({ server: 'https://connect.example.com', apiKey: 'k', transport })
  const bytes = Uint8Array.of(1)
  const archiveIs = 'archive must be a Uint8Array that is not empty, a Blob, or a stream of Uint8Arrays'

  test.each<[what: string, deploy: unknown, says: string]>([
    ['nothing', undefined, 'deployAndFollow: its parameters must be { '],
    ['no archive', { name: 'n' }, `deployAndFollow: ${archiveIs}, was undefined`],
    ['an empty archive', { name: 'n', archive: new Uint8Array() }, `deployAndFollow: ${archiveIs}`],
    ['a path', { name: 'n', archive: 'bundle.tar.gz' }, `deployAndFollow: ${archiveIs}, was a string`],
    ['an ArrayBuffer', { name: 'n', archive: bytes.buffer }, `deployAndFollow: ${archiveIs}, was an object`],
    ['an object', { name: 'n', archive: { path: 'x' } }, `deployAndFollow: ${archiveIs}, was an object`],
    ['no name', { archive: bytes }, 'deployAndFollow: name must be'],
    ['an empty name', { name: '', archive: bytes }, 'deployAndFollow: name must be'],
    ['an empty guid', { guid: '', archive: bytes }, 'deployAndFollow: guid must be'],
  ])('%s', (_, deploy, says) => {
    // @ts-expect-error JavaScript has no compiler to refuse it
    expect(refusal(() => deployAndFollow(pc, deploy))).toContain(says)
    expect(requests).toEqual([])
  })

  test('client and options', () => {
    const deploy = { name: 'n', archive: bytes }
    // @ts-expect-error JavaScript has no compiler to refuse it
    expect(refusal(() => deployAndFollow(pc.jobs, deploy))).toMatch(/^deployAndFollow: the first argument must be/)
    expect(refusal(() => deployAndFollow(pc, deploy, { deadline: 0 }))).toMatch(/^deployAndFollow: deadline must/)
    // @ts-expect-error JavaScript has no compiler to refuse it
    expect(refusal(() => deployAndFollow(pc, deploy, { activate: 'later' }))).toMatch(
      /^deployAndFollow: activate must be /,
    )
  })

  test.each<[what: string, archive: Deploy['archive']]>([
    ['bytes', bytes],
    ['a Buffer', Buffer.from('x')],
    ['a Blob', new Blob([bytes])],
    ['a File', new File([bytes], 'a.tar.gz')],
    ['an Observable', from([bytes])],
    ['an array of pieces', [bytes]],
    ['a promise of one piece', Promise.resolve(bytes)],
    ['a web stream', new ReadableStream<Uint8Array>()],
  ])('but %s is an archive', (_, archive) => {
    expect(() => deployAndFollow(pc, { name: 'n', archive }, { apps: 'leave' })).not.toThrow()
  })
})
