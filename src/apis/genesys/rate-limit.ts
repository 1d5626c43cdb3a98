import { type Observable, Subject, tap } from 'rxjs'
import type { Headers, Transport } from '../../core/index.ts'
import { header } from '../../core/transport.ts'
import type { RateLimit } from '../../streams/index.ts'

/** What an answer says of the budget of its token, in the vendor's `inin-ratelimit-…` headers; undefined without them. */
export function rateLimitOf(headers: Headers): RateLimit | undefined {
  const counted = (name: string): number => {
    const value = header(headers, `inin-ratelimit-${name}`)?.trim() ?? ''
    return /^\d+$/.test(value) ? Number(value) : NaN
  }
  const used = counted('count')
  // Most answers name no limit.
  if (Number.isNaN(used)) return undefined
  const limit = { used, allowed: counted('allowed'), resetIn: counted('reset') * 1000 }
  return Object.values(limit).some(Number.isNaN) ? undefined : limit
}

/** A transport as before, and what its answers say of the limit: refusals, too, which is where it matters most. */
export function watchLimits(transport: Transport): {
  readonly transport: Transport
  readonly limits: Observable<RateLimit>
} {
  const told = new Subject<RateLimit>()
  return {
    transport: (request) =>
      transport(request).pipe(
        tap((part) => {
          const limit = 'bytes' in part ? undefined : rateLimitOf(part.headers)
          if (limit !== undefined) told.next(limit)
        }),
      ),
    limits: told.asObservable(),
  }
}
