import { firstValueFrom, VirtualTimeScheduler } from 'rxjs'
import { type Connect, type ContentRef, connect, type JobItem } from 'rxjobs/connect'
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
export function scripted(answer: (line: string, at: number) => Canned): Scripted {
  const clock = new VirtualTimeScheduler()
  const lines: Array<string> = []
  const { transport } = answering(({ method, url }) => {
    const line = `${method} ${url.replace(/^https:\/\/host(\/__api__)?/, '').replace(/\?.*$/, '')}`
    lines.push(`${clock.now()} ${line}`)
    return answer(line, clock.now())
  })
  return { pc: connect({ server: 'https://host', apiKey: 'k', transport, scheduler: clock }), clock, lines }
}

/** A content `g` and a task `t` of it. */
export interface Course {
  /** When the task is over, and how. */
  readonly task: { readonly at: number; readonly code?: number; readonly error?: string }
  /** The content's jobs, each from a time on, and in the list until another. The last one of a key counts. */
  readonly jobs: ReadonlyArray<{ readonly from: number; readonly listedUntil?: number; readonly job: JobItem }>
  /** The answer to a visit. */
  readonly visit?: Canned
  /** The answer to a request for a job's error. Default: none. */
  readonly error?: Canned
}

/** A service on which a task takes that course; jobs are as the list has them, without a log. */
export function course({ task, jobs, visit = {}, error = { status: 204 } }: Course): Scripted {
  return scripted((line, at) => {
    const shown = jobs.filter(({ from }) => from <= at)
    const listed = shown.filter(({ listedUntil = Infinity }) => at < listedUntil)
    if (line === 'GET /v1/content/g/jobs') return { body: listed.map(({ job }) => job) }
    if (line === 'GET /v1/tasks/t') return { body: taskAt(at) }
    if (line === 'GET /content/g/') return visit
    if (line.startsWith('POST')) return { body: { task_id: 't' } }
    if (line.endsWith('/log')) return { body: { entries: [] } }
    if (line.endsWith('/error')) return error
    return { body: [...shown].reverse().find(({ job }) => line.endsWith(`/${job.key ?? ''}`))?.job ?? {} }
  })

  function taskAt(at: number): object {
    if (at < task.at) return { id: 't', output: [], finished: false, code: 0, error: '', last: 0 }
    return { id: 't', output: [], finished: true, code: task.code ?? 0, error: task.error ?? '', last: 0 }
  }
}
