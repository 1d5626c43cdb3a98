import type { ErrorDetail } from '../../core/index.ts'

const words = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/**
 * Reads the vendor's ErrorBody: `{ message, code, status, contextId, … }`. The whole of it is in the error's `body`; the
 * contextId names the exchange where a proxy has dropped the header that does.
 */
export function errorDetail(body: unknown): ErrorDetail | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const said: Record<string, unknown> = { ...body }
  const code = words(said['code'])
  const message = words(said['message'])
  if (code === undefined && message === undefined) return undefined
  return { code, detail: message, correlationId: words(said['contextId']) }
}
