import type { ErrorDetail } from '../../core/index.ts'

/** Reads the vendor's envelope: `{ code: number, error: string, payload }`. The whole of it is in the error's `body`. */
export function errorDetail(body: unknown): ErrorDetail | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body || 'code' in body)) return undefined
  const said: Record<string, unknown> = { ...body }
  const code = typeof said['code'] === 'number' ? said['code'] : undefined
  return { code, detail: typeof said['error'] === 'string' ? said['error'] : undefined }
}
