import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Sandbox, startSandbox } from 'rxjobs/sandbox'
import { expect, onTestFinished, test, vi } from 'vitest'
import { bundleOf, connectOf, isAlive, logOf, sandboxes, until, upload } from './support.ts'

const start = sandboxes()

const forever = "console.log(process.pid, process.cwd()); setInterval(() => {}, 1000); process.on('SIGTERM', () => {})"

/** The pid and the directory that such a job wrote first. */
async function firstLine(sandbox: Sandbox): Promise<[pid: number, directory: string]> {
  const job = await sandbox.connect.start({ script: forever })
  const [line = ''] = await until(
    () => logOf(connectOf(sandbox), job),
    ({ length }) => length > 0,
  )
  const [pid = '', directory = ''] = line.split(' ')
  return [Number(pid), directory]
}

test('both services answer on one origin, with secrets of their own', async () => {
  const [first, second] = [await start(), await start()]
  expect([first.connect.server, first.genesys.baseUrl, first.genesys.loginUrl]).toEqual(Array(3).fill(first.url))
  expect(first.connect.apiKey).not.toBe(second.connect.apiKey)
  expect(first.genesys.clientSecret).not.toBe(second.genesys.clientSecret)
  expect((await connectOf(first)('/v1/user')).status).toBe(200)
})

test('uses given secrets and a given port', async () => {
  const first = await start()
  const port = Number(new URL(first.url).port)
  await first.close()
  const again = await start({ port, apiKey: 'a', clientId: 'b', clientSecret: 'c' })
  expect([again.url, again.connect.apiKey, again.genesys.clientId, again.genesys.clientSecret]).toEqual([
    first.url,
    'a',
    'b',
    'c',
  ])
  await expect(startSandbox({ port })).rejects.toThrow('choose another with --port')
})

test.each<[given: object, says: string]>([
  [{ apikey: 'a' }, 'startSandbox: unknown option apikey; there are port, apiKey, clientId, clientSecret, tail, log, '],
  [{ tail: { framming: 'sse' } }, 'startSandbox: tail: unknown option framming; there are framing, replay, '],
  [{ genesys: { stepMS: 5 } }, 'startSandbox: genesys: unknown option stepMS; there are tokenSeconds, '],
  [{ faults: { rule: [] } }, 'startSandbox: faults: unknown option rule; there are seed, rules'],
])('%o has an unknown option', async (given, says) => {
  await expect(startSandbox(given)).rejects.toThrow(says)
})

test('with cors pages of other origins may ask, and read what clients need, errors and tails included', async () => {
  const sandbox = await start({ cors: true })
  const { guid, key } = sandbox.connect.feed()
  const headers = { origin: 'https://a.example', authorization: `Key ${sandbox.connect.apiKey}` }
  const job = `${sandbox.url}/__api__/v1/content/${guid}/jobs/${key}`
  const preflight = await fetch(job, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://a.example',
      'access-control-request-method': 'DELETE',
      'access-control-request-headers': 'authorization,content-type',
    },
  })
  expect([preflight.status, ...allowed(preflight)]).toEqual([204, '*', 'DELETE', 'authorization,content-type'])
  sandbox.faults.set([{ kind: 'status', status: 503, retryAfter: 1, match: { path: /error/ } }])
  for (const [url, status] of [
    [job, 200],
    [`${job}/tail`, 200],
    [`${job}/error`, 503],
    [`${sandbox.url}/none`, 404],
  ] as const) {
    const answer = await fetch(url, { headers })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, '*'])
    expect(answer.headers.get('access-control-expose-headers')).toContain('Retry-After')
    await answer.body?.cancel()
  }
})

test('without cors nothing is allowed', async () => {
  const sandbox = await start()
  const answer = await fetch(`${sandbox.url}/__api__/v1/user`, { method: 'OPTIONS' })
  expect([answer.status, ...allowed(answer)]).toEqual([401, null, null, null])
})

function allowed({ headers }: Response): ReadonlyArray<string | null> {
  return ['origin', 'methods', 'headers'].map((what) => headers.get(`access-control-allow-${what}`))
}

test('close ends processes, sockets and files, and may be called again', async () => {
  const sandbox = await start()
  const [pid, directory] = await firstLine(sandbox)
  const { guid, key } = sandbox.connect.feed()
  const tail = await connectOf(sandbox)(`/v1/content/${guid}/jobs/${key}/tail`)
  const waiting = sandbox.closed(({ path }) => path === '/never')
  const told = expect(waiting).rejects.toThrow('closed')
  await Promise.all([sandbox.close(), sandbox.close()])
  await told
  await expect(tail.text()).rejects.toThrow()
  expect([isAlive(pid), existsSync(directory)]).toEqual([false, false])
  await expect(fetch(sandbox.url)).rejects.toThrow()
  await sandbox.close()
})

const flood = "for (;;) process.stdout.write('x'.repeat(1000) + '\\n')"

test.each<[what: string, command: readonly [string, ...string[]]]>([
  ['write without end', ['sh', '-c', 'yes']],
  ['write on both streams and ignore signals', ['sh', '-c', "trap '' TERM INT; yes & yes >&2"]],
  ['write long lines from node', [process.execPath, '-e', flood]],
  ['leave a child of another group that holds their pipes and writes files', ['sh', '-c', escaped()]],
])('close ends in good order while jobs %s', async (_, command) => {
  const rejections: unknown[] = []
  const heard = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', heard)
  const sandbox = await start({ log: { lagMs: 5 }, connect: { settleMs: 5 } })
  const ask = connectOf(sandbox)
  const jobs = await Promise.all([1, 2].map(() => sandbox.connect.start({ command })))
  const tails = await Promise.all(jobs.map(({ guid, key }) => ask(`/v1/content/${guid}/jobs/${key}/tail`)))
  await until(
    () => jobs.length === tails.length && sandbox.exchanges.every(({ bytesOut }) => bytesOut > 0),
    (wrote) => wrote,
  )
  await sandbox.close()
  for (const tail of tails) await expect(tail.text()).rejects.toThrow()
  process.off('unhandledRejection', heard)
  expect([rejections, sandbox.inFlight()]).toEqual([[], 0])
})

/** A shell that starts a process which leaves the group, and then writes as long as it lives. */
function escaped(): string {
  const program = `
    require('node:child_process').spawn('sh', ['-c', 'for n in 1 2 3 4 5 6; do echo still; echo a > "f$n"; sleep 0.3; done'], {
      detached: true, stdio: ['ignore', 'inherit', 'inherit'],
    }).unref()`
  return `"${process.execPath}" -e '${program.replaceAll("'", '"').replaceAll('"f$n"', 'f$n')}'; yes`
}

test('close waits for starts and uploads that are under way, and leaves no file', async () => {
  // Other sandboxes run at the same time.
  const place = await mkdtemp(join(tmpdir(), 'rxjobs-test-'))
  vi.stubEnv('TMPDIR', place)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    return rm(place, { recursive: true, force: true })
  })
  const files = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`f${index}.txt`, 'x'.repeat(100)]))
  const bundle = await bundleOf('static', 'index.html', { 'index.html': '<p>', ...files })
  const sandbox = await start()
  const ask = connectOf(sandbox)
  const { guid } = await upload(ask, await bundleOf('static', 'index.html', { 'index.html': '<p>' }))
  const [own = ''] = await readdir(place)
  const uploading = ask(`/v1/content/${guid}/bundles`, { method: 'POST', body: bundle }).catch(
    (error: unknown) => error,
  )
  await until(
    () => readdir(join(place, own)),
    (works) => works.length > 1,
  )
  const starting = Promise.allSettled([1, 2, 3].map(() => sandbox.connect.start({ script: flood })))
  await sandbox.close()
  expect(await uploading).toBeInstanceOf(Error)
  for (const one of await starting) {
    if (one.status === 'rejected') expect(one.reason).toMatchObject({ message: 'The sandbox is closed.' })
  }
  expect(await readdir(place)).toEqual([])
})

test('close ends a deploy between its two jobs', async () => {
  const sandbox = await start({ connect: { restoreJob: true } })
  const ask = connectOf(sandbox)
  const files = { 'restore.sh': 'sleep 60', 'r.sh': 'echo rendered' }
  const { guid } = await upload(ask, await bundleOf('quarto-static', 'r.sh', files))
  await ask(`/v1/content/${guid}/deploy`, { method: 'POST', body: '{}' })
  await sandbox.close()
  await expect(sandbox.connect.start({ script: '' })).rejects.toThrow('closed')
})

test('removes children and files when its process is killed', async () => {
  const index = fileURLToPath(new URL('../../sandbox/index.ts', import.meta.url))
  const program = `
    const { startSandbox } = await import(${JSON.stringify(index)})
    const { connect } = await startSandbox({ apiKey: 'key' })
    const { guid, key } = await connect.start({ script: ${JSON.stringify(forever)} })
    console.log(connect.server + '/__api__/v1/content/' + guid + '/jobs/' + key + '/log')`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program])
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => void (output += bytes.toString()))
  await until(
    () => output,
    (text) => text.includes('\n'),
  )
  const read = async (): Promise<string> =>
    (await fetch(output.trim(), { headers: { authorization: 'Key key' } })).text()
  const log = await until(read, (text) => text.includes('/'))
  const [, pid = '', directory = ''] = /"(\d+) (\/[^"]*)"/.exec(log) ?? []
  expect([isAlive(Number(pid)), existsSync(directory)]).toEqual([true, true])
  child.kill('SIGKILL')
  await once(child, 'exit')
  await until(
    () => isAlive(Number(pid)) || existsSync(directory),
    (left) => !left,
  )
})
