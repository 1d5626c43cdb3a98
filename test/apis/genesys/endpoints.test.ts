import fc from 'fast-check'
import { firstValueFrom } from 'rxjs'
import type { Client, HttpRequest } from 'rxjobs/core'
import {
  accessToken,
  client,
  genesys,
  getInfrastructureascodeJob,
  getInfrastructureascodeJobs,
  operations,
  postInfrastructureascodeJobs,
  submitOnce,
} from 'rxjobs/genesys'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sandboxes } from '../../sandbox/support.ts'
import { answering, type Canned, errorOf, genesysTo, refusal } from '../support.ts'

const start = sandboxes()
const job = { id: '42', dryRun: false, status: 'Running' }

function clientOf(answer: Canned): { readonly api: Client; readonly requests: ReadonlyArray<HttpRequest> } {
  const { transport, requests } = answering(() => answer)
  return { api: client({ region: 'eu_west_1', auth: accessToken('a-token'), transport, retry: false }), requests }
}

test('the body of a POST holds the given parameters and nothing else', async () => {
  const { api, requests } = clientOf({ body: job })
  const parameters = [{ name: 'queue', value: '"ä"' }]
  for (const input of [{ acceleratorId: 'a' }, { acceleratorId: 'a', dryRun: true, parameters }]) {
    await firstValueFrom(api.run(postInfrastructureascodeJobs, input))
  }
  expect(requests.map(({ body }): unknown => JSON.parse(String(body)))).toEqual([
    { acceleratorId: 'a' },
    { acceleratorId: 'a', dryRun: true, parameters },
  ])
  expect(requests[0]?.headers).toContainEqual(['content-type', 'application/json'])
})

test('any job id is one segment of the path', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1 }), async (jobId) => {
      fc.pre(jobId !== '.' && jobId !== '..')
      const { api, requests } = clientOf({ body: job })
      await firstValueFrom(api.run(getInfrastructureascodeJob, { jobId }))
      const { pathname, search, hash } = new URL(requests[0]?.url ?? '')
      const [last = '', ...before] = pathname.split('/').reverse()
      expect([decodeURIComponent(last), before.length, search, hash]).toEqual([jobId, 5, '', ''])
    }),
  )
})

test('invalid parameters throw a TypeError before anything is sent', async () => {
  const sandbox = await start()
  const cx = genesysTo(sandbox)
  const said = (call: () => unknown): string => refusal(call)
  for (const jobId of ['', '.', '..']) {
    expect(said(() => cx.getInfrastructureascodeJob({ jobId }))).toBe(
      `getInfrastructureascodeJob: jobId must be a string that is not empty, '.' or '..', was "${jobId}"`,
    )
    expect(said(() => cx.jobs.keyOf({ jobId }))).toContain('jobId must be')
  }
  expect(said(() => cx.getInfrastructureascodeJob({ jobId: 'half a pair: \ud83d' }))).toContain('jobId must be')
  expect(said(() => cx.postInfrastructureascodeJobs({ acceleratorId: '' }))).toMatch(
    /^postInfrastructureascodeJobs: acceleratorId must be a string that is not empty/,
  )
  for (const maxResults of [0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(said(() => cx.getInfrastructureascodeJobs({ maxResults }))).toMatch(
      /^getInfrastructureascodeJobs: maxResults must be a whole number from 1 up, was /,
    )
  }
  expect(said(() => cx.getInfrastructureascodeJobs({ submittedBy: '', maxResults: 0 }))).toMatch(
    /maxResults must be .*; submittedBy must be /,
  )
  // @ts-expect-error: as a caller without types may do
  expect(said(() => cx.postInfrastructureascodeJobs({}))).toMatch(/acceleratorId must be .*, was undefined$/)
  // @ts-expect-error: as a caller without types may do
  expect(said(() => cx.getInfrastructureascodeJobs({ sortOrder: 'up' }))).toMatch(/sortOrder must be one of asc, desc/)
  // @ts-expect-error: as a caller without types may do
  expect(said(() => cx.getInfrastructureascodeJob({ jobId: '1', details: 'yes' }))).toMatch(
    /details must be true or false/,
  )
  expect(sandbox.exchanges).toEqual([])
})

test('the error of an invalid body parameter does not show its value, which may be a password', () => {
  const cx = genesys({ region: 'us_east_1', auth: accessToken('a-token') })
  const words = refusal(() =>
    cx.postInfrastructureascodeJobs({
      acceleratorId: 'a',
      parameters: [
        { name: 'password', value: 'hunter2' },
        // @ts-expect-error: as a caller without types may do
        { name: 'port', value: 22 },
      ],
    }),
  )
  expect(words).toMatch(/parameters must be a list of \{ name, value \}, both strings \(see parameters\[1\]\.value\)/)
  expect(words).not.toContain('hunter2')
})

test.each<[form: string, response: Canned, history: ReadonlyArray<unknown>]>([
  ['one job', { body: job }, [job]],
  ['an array', { body: [job, { ...job, id: '43' }] }, [job, { ...job, id: '43' }]],
  ['entities', { body: { entities: [job], pageSize: 25, total: 1 } }, [job]],
  ['an empty array', { body: [] }, []],
  ['empty entities', { body: { entities: [] } }, []],
  ['entities that are null', { body: { entities: null, total: 0 } }, []],
  ['an empty object', { body: {} }, []],
  ['null', { body: 'null' }, []],
  ['nothing at all', { status: 204 }, []],
])('a history as %s is a list', async (_, answer, history) => {
  const { api } = clientOf(answer)
  expect(await firstValueFrom(api.run(getInfrastructureascodeJobs, {}))).toEqual(history)
})

test.each<[form: string, body: unknown, path: string]>([
  ['something else', { surprise: true }, '[0].dryRun'],
  ['a word', '"none"', ''],
  ['no JSON', '<html>', ''],
  ['an array with a wrong job', [job, { dryRun: 'no' }], '[1].dryRun'],
  ['entities with a wrong job', { entities: [{ dryRun: false, status: 7 }] }, '[0].status'],
])('a history that is %s is an error with the path', async (_, body, path) => {
  const error = await errorOf(clientOf({ body }).api.run(getInfrastructureascodeJobs, {}))
  expect(error).toMatchObject({ _tag: 'DecodeError', issues: [{ path }] })
})

test('the record of operations has each endpoint under its own name', () => {
  const names = Object.entries(operations).map(([key, { name, method, path }]) => [key === name, `${method} ${path}`])
  expect(names).toEqual([
    [true, 'POST /api/v2/infrastructureascode/jobs'],
    [true, 'GET /api/v2/infrastructureascode/jobs/{jobId}'],
    [true, 'GET /api/v2/infrastructureascode/jobs'],
    [true, 'GET /api/v2/infrastructureascode/accelerators'],
    [true, 'GET /api/v2/infrastructureascode/accelerators/{acceleratorId}'],
  ])
})

// The codes of a 403 that the service documents, and answers without one.
const refusals = [
  ...['app.not.authorized.for.scope', 'authz.policy.denied', 'missing.any.division.permissions'],
  ...['missing.any.permissions', 'missing.division.permission', 'missing.permissions', 'not.authorized'],
].map((code) => ({ code, message: 'No.' }))

test.each([...refusals, {}, '', '<html>no'])(
  'a 403 (%o) names the permission that the operation needs',
  async (body) => {
    const { transport } = answering(() => ({ status: 403, body }))
    const cx = genesys({ region: 'eu_west_1', auth: accessToken('a-token'), transport })
    const acceleratorId = 'a'
    const calls = {
      'job:add': [cx.postInfrastructureascodeJobs({ acceleratorId })],
      'job:view': [
        cx.getInfrastructureascodeJob({ jobId: '42' }),
        cx.getInfrastructureascodeJobs(),
        cx.jobs.status({ jobId: '42' }),
        cx.jobs.list.read('', [{ jobId: '42' }]),
        submitOnce(cx, { acceleratorId }),
      ],
      'accelerator:view': [
        cx.getInfrastructureascodeAccelerators(),
        cx.getInfrastructureascodeAccelerator({ acceleratorId }),
      ],
    }
    for (const [permission, streams] of Object.entries(calls)) {
      const advice = `it needs the permission infrastructureascode:${permission}`
      for (const stream of streams) {
        const error = await errorOf(stream)
        expect(error).toMatchObject({ _tag: 'HttpError', status: 403, advice })
        expect(error.message).toContain(` (${advice})`)
        expect(error).not.toHaveProperty('permission')
      }
    }
  },
)

test('another failure than a 403 does not name the permission', async () => {
  for (const status of [400, 401, 404, 429, 500]) {
    const { api } = clientOf({ status, body: { code: 'c', message: 'No.' } })
    expect(String(await errorOf(api.run(getInfrastructureascodeJob, { jobId: '42' })))).not.toContain('permission')
  }
})

test('the permissions of the operations are those in the documentation', () => {
  const page = readFileSync(new URL('../../../docs/genesys.md', import.meta.url), 'utf8')
  for (const { name, permission } of Object.values(operations)) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}(`))
    expect([name, row?.split(' | ')[2]]).toEqual([name, `\`${permission ?? 'none'}\``])
  }
})
