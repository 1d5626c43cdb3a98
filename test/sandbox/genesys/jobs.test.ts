import { describe, expect, test } from 'vitest'
import { accelerators } from '../../../sandbox/genesys/accelerators.ts'
import { genesysDefaults } from '../../../sandbox/genesys/genesys.ts'
import { readHistory, wireJob } from '../../../sandbox/genesys/job-routes.ts'
import {
  type GenesysJob,
  GenesysJobs,
  type GenesysStatus,
  isUnderWay,
  type Submission,
} from '../../../sandbox/genesys/jobs.ts'
import { Query } from '../../../sandbox/genesys/query.ts'
import { isObject } from '../../../sandbox/http/body.ts'
import { Timers } from '../../../sandbox/time.ts'
import { type Ask, field, genesysOf, jsonOf, post, sandboxes, someText, textWith, until } from '../support.ts'

const start = sandboxes()

describe('the job operations', () => {
  const parameters = [
    { name: 'queueName', value: 'Help' },
    { name: 'webhookSecret', value: 'hush' },
  ]

  /** Polls a job to its end and gives each pair of HTTP status and job status once, with the last answer. */
  async function follow(ask: Ask, id: string, isLast: (status: string) => boolean): Promise<[string[], unknown]> {
    const seen: string[] = []
    const last = await until(
      async () => {
        const answer = await ask(`/jobs/${id}?details=true`)
        const body: unknown = await answer.json()
        const now = `${answer.status} ${field(body, 'status')}`
        if (seen.at(-1) !== now) seen.push(now)
        return body
      },
      (body) => isLast(field(body, 'status')),
    )
    return [seen, last]
  }

  async function submit(ask: Ask, body: object): Promise<string> {
    return field(await jsonOf(ask('/jobs', post(body))), 'id')
  }

  test('a job goes from Created to Complete, with 202 until then, and creates its resources', async () => {
    const sandbox = await start({ genesys: { stepMs: 100 } })
    const ask = await genesysOf(sandbox)
    const posted = await ask('/jobs', post({ acceleratorId: 'support-line', parameters }))
    expect(posted.status).toBe(202)
    const created: unknown = await posted.json()
    expect(created).toMatchObject({
      dryRun: false,
      status: 'Created',
      acceleratorId: 'support-line',
      submittedBy: { id: someText },
    })
    const id = field(created, 'id')
    const [seen, job] = await follow(ask, id, (status) => status === 'Complete')
    expect(seen).toEqual(['202 Created', '202 Queued', '202 Running', '200 Complete'])
    const results = field(job, 'results')
    const made = sandbox.genesys.resources().filter((resource) => resource.startsWith(id))
    expect(results).toContain(`Resources: ${made.length} added`)
    expect(made.length).toBeGreaterThan(3)
    expect(results).not.toContain('hush')
    expect(await jsonOf(ask(`/jobs/${id}`))).not.toHaveProperty('results')
  })

  test('a dry run is complete at once and creates nothing', async () => {
    const sandbox = await start()
    const ask = await genesysOf(sandbox)
    const answer = await ask('/jobs', post({ acceleratorId: 'support-line', parameters, dryRun: true }))
    const body: unknown = await answer.json()
    expect([answer.status, body]).toMatchObject([200, { dryRun: true, status: 'Complete' }])
    expect(await jsonOf(ask(`/jobs/${field(body, 'id')}?details=true`))).toMatchObject({ results: textWith('to add') })
    expect(sandbox.genesys.resources()).toEqual([])
  })

  test('rolls back after a failed step and is Running meanwhile', async () => {
    const sandbox = await start()
    const ask = await genesysOf(sandbox)
    const id = await submit(ask, { acceleratorId: 'twin-queues' })
    const [seen, job] = await follow(ask, id, (status) => status.startsWith('Rollback'))
    expect(seen.at(-2)).toBe('202 Running')
    expect(job).toMatchObject({
      status: 'RollbackComplete',
      errorInfo: { message: textWith('already exists'), code: someText },
      results: textWith('Error: '),
      rollbackResults: textWith('2 destroyed'),
    })
    expect(sandbox.genesys.resources()).toEqual([])
  })

  test('with showsFailedFirst it is Failed before the rollback', async () => {
    const ask = await genesysOf(await start({ genesys: { showsFailedFirst: true, stepMs: 100 } }))
    const id = await submit(ask, { acceleratorId: 'twin-queues' })
    const [seen] = await follow(ask, id, (status) => status.startsWith('Rollback'))
    expect(seen.slice(-3)).toEqual(['202 Running', '200 Failed', '200 RollbackComplete'])
  })

  test('the list has the last job only, in the shape of historyShape', async () => {
    for (const historyShape of ['one', 'array', 'entities'] as const) {
      const ask = await genesysOf(await start({ genesys: { historyShape } }))
      expect(await jsonOf(ask('/jobs'))).toEqual({ one: {}, array: [], entities: { entities: [] } }[historyShape])
      await submit(ask, { acceleratorId: 'quick-wrapup-code', dryRun: true })
      const id = await submit(ask, { acceleratorId: 'quick-wrapup-code', dryRun: true })
      const body = await jsonOf(ask('/jobs'))
      const shapes = { one: [body], array: body, entities: isObject(body) ? body['entities'] : undefined }
      expect(shapes[historyShape]).toMatchObject([{ id }])
    }
  })

  test('invalid submissions are refused', async () => {
    const ask = await genesysOf(await start())
    const errorOf = async (body: string, type = 'application/json'): Promise<unknown> =>
      jsonOf(ask('/jobs', { method: 'POST', body, headers: { 'content-type': type } }))
    for (const body of ['', '[]', '{}', '{"acceleratorId":1}', '{"acceleratorId":"x","dryRun":"no"}']) {
      expect(await errorOf(body)).toMatchObject({ status: 400, code: 'bad.request', contextId: someText })
    }
    const pairs = '{"acceleratorId":"support-line","parameters":[{"name":"queueName","value":1}]}'
    expect(await errorOf(pairs)).toMatchObject({ status: 400, code: 'bad.request' })
    expect(await errorOf('{"acceleratorId":"x","parameters":{}}')).toMatchObject({ code: 'bad.request' })
    expect(await errorOf('{"acceleratorId":"x"}')).toMatchObject({ status: 404, code: 'not.found', entityId: 'x' })
    expect(await errorOf('{}', 'text/plain')).toMatchObject({ status: 415, code: 'unsupported.media.type' })
    expect(await errorOf(`{"a":"${'x'.repeat(2 << 20)}"}`)).toMatchObject({
      status: 413,
      code: 'request.entity.too.large',
    })
  })

  test('an unknown job is not.found, invalid queries are refused', async () => {
    const ask = await genesysOf(await start())
    expect(await jsonOf(ask('/jobs/none'))).toMatchObject({ status: 404, code: 'not.found', entityId: 'none' })
    for (const query of [
      '/jobs?sortBy=name',
      '/jobs?maxResults=none',
      '/jobs?includeErrors=1',
      '/jobs/none?details=2',
    ]) {
      expect(await jsonOf(ask(query))).toMatchObject({ status: 400, code: 'invalid.query.param.value' })
    }
  })
})

describe('the store of jobs', () => {
  function submission(id: string, dryRun = false): Submission {
    const accelerator = accelerators.find((one) => one.id === id)
    if (accelerator === undefined) throw new Error(id)
    return { accelerator, dryRun, parameters: new Map() }
  }

  function newJobs(settings: { showsFailedFirst?: boolean; keepsJobs?: number } = {}): GenesysJobs {
    return new GenesysJobs({ ...genesysDefaults, stepMs: 1, ...settings }, new Timers(), 'me')
  }

  test('keeps the last jobs, and those under way', async () => {
    const jobs = newJobs({ keepsJobs: 2 })
    const running = await jobs.submit(submission('twin-queues'))
    const early = await jobs.submit(submission('quick-wrapup-code'))
    const dry = await Promise.all([1, 2, 3].map(() => jobs.submit(submission('quick-wrapup-code', true))))
    expect(jobs.list()).toEqual([running, early])
    expect(dry.map(({ status }) => status)).toEqual(Array(3).fill('Complete'))
    await until(
      () => isUnderWay(running),
      (underWay) => !underWay,
    )
  })

  test('every accelerator ends with its own status', async () => {
    const jobs = newJobs()
    const ends: Array<[string, string]> = []
    for (const { id } of accelerators) {
      const job = await jobs.submit(submission(id))
      await until(
        () => isUnderWay(job),
        (underWay) => !underWay,
      )
      ends.push([id, job.status])
    }
    expect(Object.fromEntries(ends)).toEqual({
      'quick-wrapup-code': 'Complete',
      'support-line': 'Failed',
      'twin-queues': 'RollbackComplete',
      'locked-division': 'RollbackFailed',
      'broken-module': 'InternalError',
    })
  })
})

describe('the list of jobs', () => {
  function job(id: string, dateSubmitted: string, status: GenesysStatus, acceleratorId: string): GenesysJob {
    const errorInfo = status === 'Failed' ? { message: 'm', code: 'c' } : undefined
    return {
      id,
      dryRun: false,
      acceleratorId,
      dateSubmitted,
      submittedBy: 'me',
      status,
      errorInfo,
      results: 'r',
      rollbackResults: undefined,
    }
  }

  const jobs = [
    job('a', '2026-01-01', 'Complete', 'x'),
    job('b', '2026-01-02', 'Failed', 'y'),
    job('c', '2026-01-02', 'Running', 'x'),
  ]

  function ids(query: string): unknown[] {
    const search = new URLSearchParams(query)
    return readHistory(jobs, new Query((name) => search.get(name) ?? undefined)).map((one) => one['id'])
  }

  test('obeys maxResults, sortBy and sortOrder', () => {
    expect(ids('')).toEqual(['c'])
    expect(ids('maxResults=9')).toEqual(['c', 'b', 'a'])
    expect(ids('maxResults=9&sortOrder=asc')).toEqual(['a', 'b', 'c'])
    expect(ids('maxResults=9&sortBy=status&sortOrder=asc')).toEqual(['a', 'b', 'c'])
    expect(ids('maxResults=2&sortBy=id&sortOrder=desc')).toEqual(['c', 'b'])
  })

  test('filters', () => {
    expect(ids('maxResults=9&acceleratorId=x')).toEqual(['c', 'a'])
    expect(ids('maxResults=9&status=Failed')).toEqual(['b'])
    expect(ids('maxResults=9&submittedBy=someone')).toEqual([])
    expect(() => ids('status=RollbackComplete')).toThrow('status')
  })

  test('a list has errors only on request, and never results', () => {
    const plain = wireJob(jobs[1] ?? job('', '', 'Created', ''), { results: false, errors: false })
    expect(Object.keys(plain)).not.toEqual(expect.arrayContaining(['errorInfo']))
    const search = new Query((name) => ({ includeErrors: 'true', maxResults: '9' })[name])
    const listed = readHistory(jobs, search)
    expect(listed.map((one) => 'errorInfo' in one)).toEqual([false, true, false])
    expect(listed.some((one) => 'results' in one)).toBe(false)
  })
})
