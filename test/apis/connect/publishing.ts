import { firstValueFrom, VirtualTimeScheduler } from 'rxjs'
import { type Connect, type ContentRef, connect, type JobItem, type LogEntry } from 'rxjobs/connect'
import { bundleOf } from '../../sandbox/support.ts'
import { answering, type Canned } from '../support.ts'

/** Content with an uploaded bundle that runs that program. */
export async function published(pc: Connect, mode: string, program: string): Promise<ContentRef> {
  const { guid } = await firstValueFrom(pc.createContent({ name: `content-${Math.random().toString(36).slice(2)}` }))
  const archive = await bundleOf(mode, 'main.mjs', { 'main.mjs': program })
  await firstValueFrom(pc.uploadBundle({ guid, archive }))
  return { guid }
}

/** A service in virtual time. */
export interface Scripted {
  readonly pc: Connect
  readonly clock: VirtualTimeScheduler
  /** The requests and their times: `1000 GET /v1/tasks/t`. */
  readonly lines: ReadonlyArray<string>
}

/** A client of a service with those answers, in virtual time. */
export function scripted(answer: (line: string, at: number, query: URLSearchParams) => Canned): Scripted {
  const clock = new VirtualTimeScheduler()
  const lines: Array<string> = []
  const { transport } = answering(({ method, url }) => {
    const line = `${method} ${url.replace(/^https:\/\/host(\/__api__)?/, '').replace(/\?.*$/, '')}`
    lines.push(`${clock.now()} ${line}`)
    return answer(line, clock.now(), new URL(url).searchParams)
  })
  return { pc: connect({ server: 'https://host', apiKey: 'k', transport, scheduler: clock }), clock, lines }
}

/** A content `g` and a task `t` of it. */
export interface Course {
  /** When the task is over, how, and its output, each line from a time on. */
  readonly task: {
    readonly at: number
    readonly code?: number
    readonly error?: string
    readonly output?: ReadonlyArray<{ readonly from: number; readonly line: string }>
  }
  /** The content's jobs, each from a time on, and in the list until another. The last one of a key counts. */
  readonly jobs: ReadonlyArray<{ readonly from: number; readonly listedUntil?: number; readonly job: JobItem }>
  /** The answer to a visit. */
  readonly visit?: Canned
  /** The lines of a job's log, by its key. Default: none. */
  readonly logs?: Readonly<Record<string, ReadonlyArray<LogEntry>>>
  /** The answer to a request for a job's error. Default: none. */
  readonly error?: Canned
}

/** A service on which a task takes that course; a job that is not there yet is not found. */
export function course({ task, jobs, visit = {}, logs = {}, error = { status: 204 } }: Course): Scripted {
  return scripted((line, at, query) => {
    const shown = jobs.filter(({ from }) => from <= at)
    const listed = shown.filter(({ listedUntil = Infinity }) => at < listedUntil)
    if (line === 'GET /v1/content/g/jobs') return { body: listed.map(({ job }) => job) }
    if (line === 'GET /v1/tasks/t') return { body: taskAt(at, Number(query.get('first'))) }
    if (line.startsWith('GET /content/g/')) return visit
    if (line.startsWith('POST')) return { body: { task_id: 't' } }
    if (line.endsWith('/log')) return { body: { entries: logs[line.split('/').at(-2) ?? ''] ?? [] } }
    if (line.endsWith('/error')) return error
    const found = [...shown].reverse().find(({ job }) => line.endsWith(`/${job.key ?? ''}`))
    return found ? { body: found.job } : { status: 404, body: { code: 4, error: 'There is no such job.' } }
  })

  function taskAt(at: number, first: number): object {
    const output = (task.output ?? []).filter(({ from }) => from <= at).map(({ line }) => line)
    const rest = { id: 't', output: output.slice(first), last: output.length }
    if (at < task.at) return { ...rest, finished: false, code: 0, error: '' }
    return { ...rest, finished: true, code: task.code ?? 0, error: task.error ?? '' }
  }
}

/** The lines of a block by which a server names a job in the output of its task, each with its time. */
export function block(guid: string, key: string, at = '2026/11/25 22:17:43.386988748'): ReadonlyArray<string> {
  const fields = [`Content GUID: ${guid}`, 'Content ID: 24257', 'Bundle ID: 7', 'Variant ID: 5627', `Job Key: ${key}`]
  return fields.map((field) => `${at === '' ? '' : `${at} `}[rsc-session] ${field}`)
}
