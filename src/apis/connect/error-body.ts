import type { ErrorDetail } from '../../core/index.ts'

// The load balancer of a cluster sent the poll to a node that does not have the task, or the one that had it is no more.
const wrongNode = 141
const advice =
  'a task is found with the session cookie that came with the answer to its deploy: start and poll it with one client, ' +
  'leave its cookies option on, and let its fetch or transport show the Set-Cookie header; in a browser, the page must ' +
  "be of the server's own origin. Where all that is so, the node that had the task is gone: see the jobs of the content"

/** Reads the vendor's envelope: `{ code: number, error: string, payload }`. The whole of it is in the error's `body`. */
export function errorDetail(body: unknown): ErrorDetail | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body || 'code' in body)) return undefined
  const said: Record<string, unknown> = { ...body }
  const code = typeof said['code'] === 'number' ? said['code'] : undefined
  const detail = typeof said['error'] === 'string' ? said['error'] : undefined
  return code === wrongNode ? { code, detail, advice } : { code, detail }
}
