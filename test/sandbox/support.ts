import { spawnSync } from 'node:child_process'
import { createTarGzip } from 'nanotar'
import { type Sandbox, type SandboxOptions, startSandbox } from 'rxjobs/sandbox'
import { afterEach, expect } from 'vitest'
import { isObject } from '../../sandbox/http/body.ts'

/** Asks the server below a base address, with its authorization. */
export type Ask = (path: string, init?: AskInit) => Promise<Response>

/** Stand for a value that is not known beforehand. */
export const someText: unknown = expect.any(String)
export const someNumber: unknown = expect.any(Number)
export function textWith(part: string): unknown {
  return expect.stringContaining(part)
}

export interface AskInit {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array<ArrayBuffer> | FormData
  readonly signal?: AbortSignal
}

/** Asks and reads the body as JSON. */
export async function jsonOf(answer: Promise<Response>): Promise<unknown> {
  const body: unknown = await (await answer).json()
  return body
}

/** Starts sandboxes for one test file and closes each at the end of its test. */
export function sandboxes(): (options?: SandboxOptions) => Promise<Sandbox> {
  const open: Sandbox[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((sandbox) => sandbox.close()))
  })
  return async (options) => {
    const sandbox = await startSandbox(options)
    open.push(sandbox)
    return sandbox
  }
}

export function connectOf({ connect }: Sandbox): Ask {
  return (path, init = {}) =>
    fetch(`${connect.server}/__api__${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Key ${connect.apiKey}` },
    })
}

async function tokenOf({ genesys }: Sandbox): Promise<string> {
  const basic = Buffer.from(`${genesys.clientId}:${genesys.clientSecret}`).toString('base64')
  const answer = await fetch(`${genesys.loginUrl}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials',
  })
  return field(await answer.json(), 'access_token')
}

export async function genesysOf(sandbox: Sandbox): Promise<Ask> {
  const token = await tokenOf(sandbox)
  return (path, init = {}) =>
    fetch(`${sandbox.genesys.baseUrl}/api/v2/infrastructureascode${path}`, {
      ...init,
      headers: { 'content-type': 'application/json', ...init.headers, authorization: `Bearer ${token}` },
    })
}

export function post(body: object): AskInit {
  return { method: 'POST', body: JSON.stringify(body) }
}

/** A text field of a JSON object. */
export function field(value: unknown, name: string): string {
  const found = isObject(value) ? value[name] : undefined
  if (typeof found !== 'string') throw new Error(`No text field ${name} in ${JSON.stringify(value)}`)
  return found
}

/** Reads until what is read is as wanted; fails after the deadline. */
export async function until<A>(read: () => A | Promise<A>, wanted: (value: A) => boolean, ms = 8000): Promise<A> {
  const deadline = performance.now() + ms
  for (;;) {
    const value = await read()
    if (wanted(value)) return value
    if (performance.now() > deadline) throw new Error(`Not within ${ms} ms; last seen: ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Whether there is such a process. */
export function isAlive(pid: number): boolean {
  // Whoever adopts an orphan may be slow to bury it: a zombie is dead.
  const state = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim()
  return state !== '' && !state.startsWith('Z')
}

export async function finalized(
  ask: Ask,
  { guid, key }: { guid: string; key: string },
): Promise<Record<string, unknown>> {
  const job = await until(
    () => jsonOf(ask(`/v1/content/${guid}/jobs/${key}`)),
    (value) => isObject(value) && value['status'] === 2,
  )
  return isObject(job) ? job : {}
}

/** The data of the log's lines, in order. */
export async function logOf(ask: Ask, { guid, key }: { guid: string; key: string }, query = ''): Promise<string[]> {
  const body: unknown = await (await ask(`/v1/content/${guid}/jobs/${key}/log${query}`)).json()
  const entries = isObject(body) ? body['entries'] : undefined
  return Array.isArray(entries) ? entries.map((entry) => field(entry, 'data')) : []
}

/** A bundle as a client would upload it. */
export async function bundleOf(
  appmode: string,
  entrypoint: string,
  files: Record<string, string>,
): Promise<Uint8Array<ArrayBuffer>> {
  const manifest = JSON.stringify({ version: 1, metadata: { appmode, entrypoint } })
  const all = { 'manifest.json': manifest, ...files }
  return new Uint8Array(await createTarGzip(Object.entries(all).map(([name, data]) => ({ name, data }))))
}

/** Makes content and uploads a bundle for it. */
export async function upload(ask: Ask, bundle: Uint8Array<ArrayBuffer>): Promise<{ guid: string; bundleId: string }> {
  const guid = field(
    await (await ask('/v1/content', post({ name: `test-${Math.random().toString(36).slice(2)}` }))).json(),
    'guid',
  )
  const answer = await ask(`/v1/content/${guid}/bundles`, { method: 'POST', body: bundle })
  return { guid, bundleId: field(await answer.json(), 'id') }
}

/** Waits for a task to finish. */
export async function taskOf(ask: Ask, id: string, init: AskInit = {}): Promise<Record<string, unknown>> {
  const task = await until(
    () => jsonOf(ask(`/v1/tasks/${id}?wait=5`, init)),
    (value) => isObject(value) && value['finished'] === true,
  )
  return isObject(task) ? task : {}
}

/** Deploys a bundle on content of its own and gives the finished task. */
export async function deployed(
  ask: Ask,
  bundle: Uint8Array<ArrayBuffer>,
): Promise<{ guid: string; task: Record<string, unknown> }> {
  const { guid } = await upload(ask, bundle)
  const started: unknown = await (await ask(`/v1/content/${guid}/deploy`, post({}))).json()
  return { guid, task: await taskOf(ask, field(started, 'task_id')) }
}

export async function jobsOf(ask: Ask, guid: string): Promise<ReadonlyArray<Record<string, unknown>>> {
  const body: unknown = await (await ask(`/v1/content/${guid}/jobs`)).json()
  return Array.isArray(body) ? body.filter(isObject) : []
}
