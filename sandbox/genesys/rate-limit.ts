/** How much of its minute a token has used. */
export interface RateState {
  readonly count: number
  readonly allowed: number
  /** Seconds until the count starts again, at least 1. */
  readonly reset: number
  readonly exceeded: boolean
}

/** Counts one request of that token. */
export type RateLimit = (token: string) => RateState

const windowMs = 60_000

/** A fixed window of one minute for each token, which opens with its first request. */
export function createRateLimit(allowed: number): RateLimit {
  const windows = new Map<string, { opened: number; count: number }>()
  return (token) => {
    const now = performance.now()
    for (const [key, { opened }] of windows) if (now - opened >= windowMs) windows.delete(key)
    const window = windows.get(token) ?? { opened: now, count: 0 }
    windows.set(token, window)
    const exceeded = window.count >= allowed
    if (!exceeded) window.count += 1
    return { count: window.count, allowed, reset: Math.ceil((window.opened + windowMs - now) / 1000), exceeded }
  }
}
