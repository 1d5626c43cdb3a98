import { firstValueFrom, from, lastValueFrom } from 'rxjs'
import { every } from 'rxjobs'
import { type DeployEvent, deployAndFollow } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { bundleOf, sandboxes, someText } from '../../sandbox/support.ts'
import { all, asked, connectTo, errorOf, refusal } from '../support.ts'
import { course } from './publishing.ts'

const start = sandboxes()
const soon = { cadence: every(10) }
const bundle = (program: string): Promise<Uint8Array> => bundleOf('quarto-static', 'r.mjs', { 'r.mjs': program })
const good = await bundle("console.log('rendered')")

const uploads = (events: ReadonlyArray<DeployEvent>): ReadonlyArray<string> =>
  events.flatMap((event) => (event._tag === 'Upload' ? [`${event.state} ${event.bytes}`] : []))

test('from nothing to the settled job, also on a cluster that insists on its cookie', async () => {
  const sandbox = await start({ connect: { cluster: true } })
  const archive = from([good.subarray(0, 100), good.subarray(100)])
  const events = await all(deployAndFollow(connectTo(sandbox), { name: 'a-report', title: 'A', archive }, soon))
  const size = good.byteLength
  expect(uploads(events)).toEqual(['reading 100', `reading ${size}`, `sending ${size}`, `stored ${size}`])
  expect(events[0]).toMatchObject({ _tag: 'Upload', ref: { guid: someText } })
  const lines = events.flatMap((event) => (event._tag === 'Line' && 'key' in event.ref ? [event.data] : []))
  expect(lines).toEqual(['rendered'])
  expect(events.at(-1)).toMatchObject({
    _tag: 'Settled',
    outcome: { phase: 'succeeded', failure: { _tag: 'None' }, job: { jobs: [{ job: { exit_code: 0 } }] } },
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
      failure: {
        value: { task: { value: { code: 1 } }, jobs: [{ exitCode: 7, error: { value: { summary: 'no disk' } } }] },
      },
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

test('a bundle that is too large is never sent', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const deploy = deployAndFollow(pc, { guid: 'g', archive: from([good]) }, { maxBundleBytes: 10 })
  await expect(lastValueFrom(deploy)).rejects.toThrow('archive: its stream has more than 10 bytes (maxBundleBytes)')
  expect(asked(sandbox)).toEqual([])
})

test('what can never work is refused at the call', () => {
  const { pc, lines } = course({ task: { at: 0 }, jobs: [] })
  expect(refusal(() => deployAndFollow(pc, { guid: '', archive: good }))).toMatch(/guid must be/)
  expect(refusal(() => deployAndFollow(pc, { name: '', archive: good }))).toMatch(
    /^deployAndFollow: createContent: name must be/,
  )
  expect(lines).toEqual([])
})
