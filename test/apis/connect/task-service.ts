import { type Connect, connect, type TaskRef } from 'rxjobs/connect'
import type { ObservedService } from 'rxjobs/testing'
import { type Asked, type Reply, virtualService } from '../virtual-service.ts'

/** A virtual Connect on which one task runs, and a client of it, for the conformance suite. */
export interface TaskService extends ObservedService<TaskRef> {
  readonly pc: Connect
  readonly lines: () => ReadonlyArray<string>
}

const secret = 'a-key-that-nobody-may-see'
const ends = 40_000
const output = [300, 900, 900, 5_000, 21_000, 39_990].map((at, index) => ({ at, text: `line ${index} at ${at}` }))
const job = (key: string): object => ({ key, status: 2, exit_code: 1, bundle_id: '7' })
const reset = 12_000

/**
 * The task fails after forty seconds, has one job, and one more for each deploy, waits on the server when asked to, and loses one connection. A deploy of
 * the content `g` starts it.
 */
export function taskService(): TaskService {
  let dropped = false
  const deployed: Array<object> = []
  const service = virtualService((now) => {
    function taskFrom(first: number): object {
      const written = output.filter(({ at }) => at <= now()).map(({ text }) => text)
      const finished = now() >= ends
      const end = finished ? { code: 1, error: 'Unable to render' } : { code: 0, error: '' }
      return { id: 't', output: written.slice(first), finished, ...end, last: written.length, result: null }
    }

    function bodyOf({ method, url: { pathname, searchParams } }: Asked): unknown {
      const path = pathname.slice(pathname.indexOf('/v1/'))
      if (path === '/v1/tasks/t') return taskFrom(Number(searchParams.get('first') ?? 0))
      if (!/^\/v1\/content(\/g\b|$)/.test(path)) return undefined
      if (method === 'POST' && path === '/v1/content') return { guid: 'g', name: 'n' }
      if (method === 'POST' && path.endsWith('/bundles')) return { id: '7', content_guid: 'g' }
      if (method === 'POST' && path.endsWith('/deploy')) {
        deployed.push(job(`k${deployed.length}`))
        return { task_id: 't' }
      }
      if (path.endsWith('/jobs')) return now() < 3_000 ? deployed : [job('k'), ...deployed]
      if (/\/jobs\/k\d*$/.test(path)) return job(path.slice(path.lastIndexOf('/') + 1))
      if (path.endsWith('/log')) return { entries: [] }
      return path.endsWith('/error') ? { code: 'render-failed' } : undefined
    }

    function answer(asked: Asked): Reply {
      const lost = !dropped && now() >= reset
      dropped ||= lost
      const body = bodyOf(asked)
      if (body !== undefined) return { body, lost }
      return { status: 404, body: { code: 4, error: `no such object, whoever has ${secret}` }, lost }
    }

    return {
      answer,
      kindOf: ({ url: { pathname, searchParams } }) =>
        searchParams.get('wait') === '0' || pathname.endsWith('/log') ? 'log' : 'status',
      waits: ({ url: { searchParams } }) =>
        Math.min(Number(searchParams.get('wait') ?? 0) * 1_000, Math.max(0, ends - now())),
    }
  })
  const { transport, scheduler, now } = service
  return {
    ...service,
    pc: connect({ server: 'https://host', apiKey: secret, transport, scheduler }),
    ref: { taskId: 't' },
    missing: { taskId: 'none' },
    isOver: () => now() >= ends,
    lines: () => output.filter(({ at }) => at <= now()).map(({ text }) => text),
    secrets: [secret],
  }
}
