import { type Observable, Subject, tap } from 'rxjs'
import { header, type Headers, type Transport } from '../../core/index.ts'
import type { RateLimit } from '../../streams/index.ts'

/** The rate limit of the token, from the vendor's `inin-ratelimit-…` headers; undefined without them. */
export function rateLimitOf(headers: Headers): RateLimit | undefined {
  const [used, allowed, reset] = ['count', 'allowed', 'reset'].map((name) => {
    const value = header(headers, `inin-ratelimit-${name}`)?.trim() ?? ''
    return /^\d+$/.test(value) ? Number(value) : undefined
  })
  if (used === undefined || allowed === undefined || reset === undefined) return undefined
  return { used, allowed, resetIn: reset * 1000 }
}

/** The same transport, and the limits that its responses report. A 429 reports them, too. */
export function watchLimits(transport: Transport): {
  readonly transport: Transport
  readonly limits: Observable<RateLimit>
} {
  const limits = new Subject<RateLimit>()
  return {
    transport: (request) =>
      transport(request).pipe(
        tap((part) => {
          const limit = 'bytes' in part ? undefined : rateLimitOf(part.headers)
          if (limit !== undefined) limits.next(limit)
        }),
      ),
    limits: limits.asObservable(),
  }
}
