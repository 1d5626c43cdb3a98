import { Observable, VirtualTimeScheduler } from 'rxjs'
import type { Chunk, ConnectionKind, Head, HttpRequest } from 'rxjobs'
import { type Connect, connect, type TaskRef } from 'rxjobs/connect'
import type { LawService } from 'rxjobs/testing'

/** A virtual Connect on which one task runs, and a client of it, as the laws want to see them. */
export interface TaskService extends LawService<TaskRef> {
  readonly pc: Connect
  readonly lines: () => ReadonlyArray<string>
}

const secret = 'a-key-that-nobody-may-see'
const ends = 40_000
const output = [300, 900, 900, 5_000, 21_000, 39_990].map((at, index) => ({ at, text: `line ${index} at ${at}` }))
const job = { key: 'k', status: 2, exit_code: 1, bundle_id: '7' }
const reset = 12_000

/** The task fails after forty seconds, has one job, waits on the server when asked to, and loses one connection. */
export function taskService(): TaskService {
  const clock = new VirtualTimeScheduler()
  const open = new Map<ConnectionKind, number>()
  const most = new Map<ConnectionKind | 'all', number>()
  const ref = { taskId: 't' }
  let dropped = false
  let posts = 0

  const inFlight = (kind?: ConnectionKind): number =>
    kind === undefined ? [...open.values()].reduce((sum, count) => sum + count, 0) : (open.get(kind) ?? 0)
  const note = (kind: ConnectionKind, change: 1 | -1): void => {
    open.set(kind, inFlight(kind) + change)
    most.set(kind, Math.max(most.get(kind) ?? 0, inFlight(kind)))
    most.set('all', Math.max(most.get('all') ?? 0, inFlight()))
  }

  const transport = ({ method, url }: HttpRequest): Observable<Head | Chunk> =>
    new Observable((subscriber) => {
      const { pathname, searchParams } = new URL(url)
      const kind = searchParams.has('first') || pathname.endsWith('/log') ? 'log' : 'status'
      const wait = Math.min(Number(searchParams.get('wait') ?? 0) * 1_000, Math.max(0, ends - clock.now()))
      if (method === 'POST') posts++
      note(kind, 1)
      subscriber.add(() => note(kind, -1))
      subscriber.add(
        clock.schedule(() => {
          if (!dropped && clock.now() >= reset) {
            dropped = true
            return subscriber.error(new Error('connection reset'))
          }
          const [status, body] = answer(pathname, Number(searchParams.get('first') ?? 0))
          subscriber.next({ status, headers: [] })
          subscriber.next({ bytes: new TextEncoder().encode(JSON.stringify(body)) })
          subscriber.complete()
        }, 100 + wait),
      )
    })

  function answer(path: string, first: number): readonly [status: number, body: unknown] {
    if (path.endsWith('/tasks/t')) return [200, taskFrom(first)]
    if (path.endsWith('/jobs')) return [200, clock.now() < 3_000 ? [] : [job]]
    if (path.endsWith('/jobs/k')) return [200, job]
    if (path.endsWith('/log')) return [200, { entries: [] }]
    if (path.endsWith('/error')) return [200, { code: 'render-failed' }]
    return [404, { code: 4, error: `no such object, whoever has ${secret}` }]
  }

  function taskFrom(first: number): object {
    const written = output.filter(({ at }) => at <= clock.now()).map(({ text }) => text)
    const finished = clock.now() >= ends
    const end = finished ? { code: 1, error: 'Unable to render' } : { code: 0, error: '' }
    return { id: 't', output: written.slice(first), finished, ...end, last: written.length, result: null }
  }

  return {
    pc: connect({ server: 'https://host', apiKey: secret, transport, scheduler: clock }),
    ref,
    scheduler: clock,
    advance: (ms) => {
      const until = clock.now() + ms
      const { maxFrames } = clock
      clock.maxFrames = until
      clock.flush()
      clock.maxFrames = maxFrames
      clock.frame = Math.max(clock.frame, until)
      return Promise.resolve()
    },
    isOver: () => clock.now() >= ends,
    inFlight,
    mostInFlight: (kind) => most.get(kind ?? 'all') ?? 0,
    close: () => undefined,
    missing: { taskId: 'none' },
    lines: () => output.filter(({ at }) => at <= clock.now()).map(({ text }) => text),
    posts: () => posts,
    secrets: [secret],
  }
}
