import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Job, Jobs, type LoggedError } from '../../../sandbox/connect/job.ts'
import { Clock, Timers } from '../../../sandbox/time.ts'
import {
  connectOf,
  field,
  finalized,
  jobsOf,
  jsonOf,
  logOf,
  sandboxes,
  someNumber,
  someText,
  textWith,
  until,
} from '../support.ts'

const start = sandboxes()

function newJob(tag = 'run_app'): { job: Job; signals: string[] } {
  const signals: string[] = []
  const tools = { clock: new Clock(), timers: new Timers(), settleMs: 50, graceMs: 1000 }
  const job = new Job(
    { id: 7, key: 'k', guid: 'g', contentId: 3, variantId: 0, variantKey: '', bundleId: 4, tag },
    tools,
  )
  job.attach({ pid: 4321, kill: (signal) => void signals.push(signal) })
  return { job, signals }
}

describe('the life of a job', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }))
  afterEach(() => void vi.useRealTimers())

  test('goes from active to finished to finalized, which closes its log', () => {
    const { job } = newJob()
    expect(job.item()).toMatchObject({ status: 0, exit_code: null, end_time: null, pid: '4321', id: '7' })
    job.end(0)
    expect(job.item()).toMatchObject({ status: 1, exit_code: 0, end_time: someText })
    expect(job.log.closed).toBe(false)
    vi.advanceTimersByTime(50)
    expect([job.status, job.log.closed]).toEqual([2, true])
    expect(job.error).toBeUndefined()
  })

  test('the heartbeat moves while the job is active', () => {
    const { job } = newJob()
    const beat = (): unknown => job.item()['last_heartbeat_time']
    expect(beat()).not.toBe(beat())
    job.end(0)
    expect(beat()).toBe(beat())
  })

  test('a failed job has an error, a killed one has none', () => {
    const failed = newJob().job
    failed.write([{ source: 'stderr', timestamp: '', data: 'no more memory' }])
    failed.end(1)
    expect(failed.error).toMatchObject({ code: 'app-exited', summary: 'no more memory' })

    const killed = newJob().job
    killed.kill()
    killed.end(143)
    expect([killed.error, killed.item()['exit_code']]).toEqual([undefined, 143])
  })

  test('a kill sends SIGTERM, then SIGKILL; a finished job cannot be killed', () => {
    const { job, signals } = newJob()
    expect(job.kill()).toMatchObject({ app_id: 3, job_id: 7, app_guid: 'g', job_key: 'k' })
    expect(signals).toEqual(['SIGTERM'])
    vi.advanceTimersByTime(1000)
    expect(signals).toEqual(['SIGTERM', 'SIGKILL'])
    job.end(137)
    expect(job.kill()).toBeUndefined()
  })

  test('a job that ends in time gets no SIGKILL', () => {
    const { job, signals } = newJob()
    job.kill()
    job.end(143)
    vi.advanceTimersByTime(5000)
    expect(signals).toEqual(['SIGTERM'])
  })

  test('end(null) has neither code nor time, and only the first end counts', async () => {
    const { job } = newJob()
    job.end(null)
    job.end(5)
    expect(await job.over).toBeNull()
    expect(job.item()).toMatchObject({ exit_code: null, end_time: null })
  })
})

describe('the store of jobs', () => {
  test('keeps jobs by content and key, the newest first', () => {
    const store = new Jobs({ clock: new Clock(), timers: new Timers(), settleMs: 0, graceMs: 0 })
    const origin = { guid: 'g', contentId: 1, variantId: 0, variantKey: '', bundleId: 0, tag: 'run_app' }
    const [first, second] = [store.create(origin), store.create(origin)]
    store.create({ ...origin, guid: 'other' })
    expect(store.of('g')).toEqual([second, first])
    expect(first.origin.key).toMatch(/^[A-Za-z0-9]{16}$/)
    expect(first.origin.id).not.toBe(second.origin.id)
    expect(store.get('g', first.origin.key)).toBe(first)
    expect(store.of('nowhere')).toEqual([])
    expect(() => store.get('other', first.origin.key)).toThrow()
  })

  test('forgets the oldest finished jobs beyond a number, and none that runs', async () => {
    const store = new Jobs({ clock: new Clock(), timers: new Timers(), settleMs: 0, graceMs: 0 }, 2)
    const origin = { guid: 'g', contentId: 1, variantId: 0, variantKey: '', bundleId: 0, tag: 'run_app' }
    const jobs = Array.from({ length: 3 }, () => store.create(origin))
    expect(store.of('g')).toHaveLength(3)
    for (const job of jobs.slice(1)) job.end(0)
    await Promise.all(jobs.slice(1).map((job) => job.over))
    const next = store.create(origin)
    expect(store.of('g')).toEqual([next, jobs[0]])
    expect(() => store.get('g', jobs[1]?.origin.key ?? '')).toThrow()
  })
})

test('in a job ids are strings, unknown times and codes are null', () => {
  expect(newJob().job.item()).toMatchObject({
    id: '7',
    key: 'k',
    app_id: '3',
    content_id: '3',
    content_guid: 'g',
    variant_id: '0',
    variant_key: '',
    bundle_id: '4',
    pid: '4321',
    ppid: String(process.pid),
    start_time: someText,
    last_heartbeat_time: someText,
    end_time: null,
    exit_code: null,
    status: 0,
    error: null,
    skip_reason: null,
    queued_time: null,
    queue_name: null,
  })
})

describe('the error of a failed job', () => {
  function errorOf(tag: string, ...lines: Array<['stdout' | 'stderr', string]>): LoggedError | undefined {
    const { job } = newJob(tag)
    job.write(lines.map(([source, data]) => ({ source, timestamp: '', data })))
    job.end(3)
    return job.error
  }

  test('by default the code is that of the kind of job, the summary the exit status', () => {
    expect(errorOf('build_report')).toMatchObject({ code: 'render-failed', summary: textWith('3') })
    expect(errorOf('run_api')).toMatchObject({ code: 'app-exited' })
  })

  test('a line "Error code: …" gives the code, the last line on stderr the summary', () => {
    const error = errorOf(
      'run_api',
      ['stderr', 'Error code: python-package-missing'],
      ['stderr', 'No module named web'],
      ['stdout', 'bye'],
      ['stderr', '  '],
    )
    expect(error).toMatchObject({
      code: 'python-package-missing',
      summary: 'No module named web',
      help_url: textWith('python-package-missing'),
    })
  })

  test('ignores codes that are not kebab-case', () => {
    expect(errorOf('build_report', ['stdout', 'Error code: Not Kebab'])).toMatchObject({ code: 'render-failed' })
  })
})

describe('the job operations', () => {
  test('a process is a job with its pid, then with its exit code', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const job = await sandbox.connect.start({
      script: "console.log('up'); process.stdin.resume(); setInterval(() => {}, 1000)",
    })
    const path = `/v1/content/${job.guid}/jobs/${job.key}`
    await until(
      () => logOf(ask, job),
      (lines) => lines.length === 1,
    )
    const active = await jsonOf(ask(path))
    expect(active).toMatchObject({ key: job.key, status: 0, exit_code: null, end_time: null })
    process.kill(Number(field(active, 'pid')), 'SIGTERM')
    expect(await finalized(ask, job)).toMatchObject({ status: 2, exit_code: 143, end_time: someText })
  })

  test('the list has every job of that content and no other', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const first = await sandbox.connect.start({ script: '' })
    const second = await sandbox.connect.start({ guid: first.guid, command: ['true'], tag: 'run_api' })
    await sandbox.connect.start({ script: '' })
    const jobs = await jobsOf(ask, first.guid)
    expect(await jsonOf(ask(`/v1/content/${first.guid}/jobs/`))).toHaveLength(2)
    expect(jobs.map(({ key }) => key).sort()).toEqual([first.key, second.key].sort())
    expect(jobs.map(({ tag }) => tag).sort()).toEqual(['build_report', 'run_api'])
  })

  test('only failed jobs have an error', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const failed = await sandbox.connect.start({
      script: "console.log('Error code: out-of-memory'); console.error('boom'); process.exit(3)",
    })
    const well = await sandbox.connect.start({ script: '' })
    const runs = sandbox.connect.feed()
    await finalized(ask, failed)
    await finalized(ask, well)
    const errorOf = ({ guid, key }: { guid: string; key: string }): Promise<Response> =>
      ask(`/v1/content/${guid}/jobs/${key}/error`)
    expect(await jsonOf(errorOf(failed))).toMatchObject({ code: 'out-of-memory', summary: 'boom' })
    for (const job of [well, runs]) {
      const answer = await errorOf(job)
      expect([answer.status, await answer.text()]).toEqual([204, ''])
    }
  })

  test('a kill ends a process that ignores SIGTERM', async () => {
    const sandbox = await start({ connect: { graceMs: 50 } })
    const ask = connectOf(sandbox)
    const job = await sandbox.connect.start({
      script: "process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000); console.log('up')",
    })
    const path = `/v1/content/${job.guid}/jobs/${job.key}`
    await until(
      () => logOf(ask, job),
      (lines) => lines.includes('up'),
    )
    const order = await ask(path, { method: 'DELETE' })
    expect(order.status).toBe(200)
    expect(await jsonOf(Promise.resolve(order))).toEqual({
      guid: someText,
      app_id: someNumber,
      app_guid: job.guid,
      content_id: someText,
      content_guid: job.guid,
      job_id: someNumber,
      job_key: job.key,
      result: someText,
    })
    expect(await finalized(ask, job)).toMatchObject({ exit_code: 137 })
    expect(await logOf(ask, job)).toContain('no')
    expect((await ask(`${path}/error`)).status).toBe(204)
    const again = await ask(path, { method: 'DELETE' })
    expect([again.status, await again.json()]).toMatchObject([409, { code: 163, payload: null }])
  })

  test('unknown content and unknown jobs are code 4', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const { guid } = sandbox.connect.feed()
    for (const path of [
      '/v1/content/nowhere/jobs',
      `/v1/content/${guid}/jobs/nothing`,
      '/v1/content/nowhere/jobs/x/log',
    ]) {
      const answer = await ask(path)
      expect([answer.status, await answer.json()]).toMatchObject([404, { code: 4, error: someText }])
    }
  })
})

describe('started and fed jobs', () => {
  test('runs scripts and commands on new or given content', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const script = await sandbox.connect.start({
      guid: 'my-content',
      script: "import 'node:fs'; console.log('from a script')",
    })
    const command = await sandbox.connect.start({ guid: 'my-content', command: ['echo', 'from', 'a command'] })
    expect([script.guid, command.guid]).toEqual(['my-content', 'my-content'])
    await finalized(ask, script)
    await finalized(ask, command)
    expect([await logOf(ask, script), await logOf(ask, command)]).toEqual([['from a script'], ['from a command']])
    expect((await sandbox.connect.start({ script: '' })).guid).not.toBe('my-content')
  })

  test('a missing program is a failed job', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const job = await sandbox.connect.start({ command: ['no-such-program'] })
    expect(await finalized(ask, job)).toMatchObject({ exit_code: 127 })
    expect((await logOf(ask, job)).join()).toContain('ENOENT')
  })

  test('a fed job runs until finish, and has the error given to it', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const job = sandbox.connect.feed({ tag: 'run_api' })
    const path = `/v1/content/${job.guid}/jobs/${job.key}`
    expect(await jsonOf(ask(path))).toMatchObject({ status: 0, tag: 'run_api', pid: '0' })
    const error = { code: 'given-code', summary: 'as given', help_url: 'https://help.example' }
    job.finish(9, error)
    expect(await finalized(ask, job)).toMatchObject({ exit_code: 9 })
    expect(await jsonOf(ask(`${path}/error`))).toEqual(error)
    expect(() => job.write([])).toThrow('over')
  })

  test('a fed job can be killed, or end without exit code and time', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const killed = sandbox.connect.feed()
    await ask(`/v1/content/${killed.guid}/jobs/${killed.key}`, { method: 'DELETE' })
    expect(await finalized(ask, killed)).toMatchObject({ exit_code: 143 })
    const lost = sandbox.connect.feed()
    lost.finish(null)
    expect(await finalized(ask, lost)).toMatchObject({ exit_code: null, end_time: null })
  })

  test('a job that the server broke has an error and no exit code', async () => {
    const sandbox = await start()
    const job = sandbox.connect.feed()
    job.crash('lost its worker')
    job.crash('once more')
    expect(await finalized(connectOf(sandbox), job)).toMatchObject({
      error: 'lost its worker',
      exit_code: null,
      end_time: null,
    })
  })

  test('a skipped job has status 3, a reason, no end and an empty log', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const job = sandbox.connect.feed()
    job.skip('a duplicate that was queued already')
    const path = `/v1/content/${job.guid}/jobs/${job.key}`
    expect(await jsonOf(ask(path))).toMatchObject({
      status: 3,
      skip_reason: 'a duplicate that was queued already',
      exit_code: null,
      end_time: null,
    })
    expect([await logOf(ask, job), await (await ask(`${path}/tail`)).text()]).toEqual([[], ''])
    expect((await ask(path, { method: 'DELETE' })).status).toBe(409)
    expect(() => job.write([])).toThrow('over')
    const begun = sandbox.connect.feed()
    begun.write([{ source: 'stdout', data: 'a' }])
    expect(() => begun.skip('too late')).toThrow('has not run')
  })

  test('metrics have a sample for each request while the job is active', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const job = await sandbox.connect.start({ script: 'setInterval(() => {}, 1000)' })
    const path = `/v1/content/${job.guid}/jobs/${job.key}`
    const pid = field(await jsonOf(ask(path)), 'pid')
    const sample = {
      timestamp: textWith('Z'),
      cpu_fraction: someNumber,
      memory_bytes: someNumber,
      connections: null,
      process_id: pid,
    }
    await ask(`${path}/metrics`)
    const second = await jsonOf(ask(`${path}/metrics`))
    expect(second).toEqual({ content_guid: job.guid, job_key: job.key, samples: [sample, sample] })
    expect(JSON.stringify(second)).toMatch(/"memory_bytes":[1-9]/)
    await ask(path, { method: 'DELETE' })
    await finalized(ask, job)
    expect(await jsonOf(ask(`${path}/metrics?from=2001-01-01T00:00:00Z`))).toEqual(second)
    expect(await jsonOf(ask(`${path}/metrics?to=2001-01-01T00:00:00Z`))).toMatchObject({ samples: [] })
    expect(await jsonOf(ask(`${path}/metrics?from=soon`))).toMatchObject({ code: 25 })
    const fed = sandbox.connect.feed()
    expect(await jsonOf(ask(`/v1/content/${fed.guid}/jobs/${fed.key}/metrics`))).toMatchObject({
      samples: [{ cpu_fraction: 0, memory_bytes: 0, process_id: '0' }],
    })
  })

  test('a process gets its job in the environment', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const job = await sandbox.connect.start({
      command: ['sh', '-c', 'echo $CONNECT_CONTENT_GUID $CONNECT_CONTENT_JOB_KEY'],
    })
    await finalized(ask, job)
    expect(await logOf(ask, job)).toEqual([`${job.guid} ${job.key}`])
  })

  test('nothing starts once the sandbox is closed', async () => {
    const sandbox = await start()
    await sandbox.close()
    await expect(sandbox.connect.start({ script: '' })).rejects.toThrow('closed')
  })
})

describe('processes as jobs', () => {
  test('documents have a variant, apps have none', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const document = await sandbox.connect.start({ command: ['true'] })
    const app = await sandbox.connect.start({ command: ['true'], tag: 'run_api' })
    expect(await finalized(ask, document)).not.toMatchObject({ variant_id: '0' })
    expect(await finalized(ask, app)).toMatchObject({ variant_id: '0', bundle_id: '0', tag: 'run_api' })
  })

  test('lines have growing timestamps with nine fraction digits', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const job = await sandbox.connect.start({ script: "for (let n = 0; n < 300; n += 1) console.log('line', n)" })
    await finalized(ask, job)
    const path = `/v1/content/${job.guid}/jobs/${job.key}/log`
    const log = await until(
      async () => (await ask(path)).text(),
      (text) => text.includes('line 299'),
    )
    const times = [...log.matchAll(/"timestamp":"([^"]*)"/g)].map(([, time]) => time ?? '')
    expect(times).toHaveLength(300)
    for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
    expect(new Set(times).size).toBe(300)
    expect([...times].sort()).toEqual(times)
  })
})
