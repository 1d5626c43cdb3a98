import { randomBytes } from 'node:crypto'

/** The access tokens that were given out. */
export interface Tokens {
  issue(): string
  isValid(token: string): boolean
  /** Makes every token that is out invalid at once. */
  expireAll(): void
}

/** Tokens that live for that many seconds by the monotone clock. */
export function createTokens(seconds: number): Tokens {
  const ends = new Map<string, number>()
  return {
    issue() {
      const now = performance.now()
      for (const [token, end] of ends) if (end <= now) ends.delete(token)
      const token = randomBytes(32).toString('base64url')
      ends.set(token, now + seconds * 1000)
      return token
    },
    isValid: (token) => (ends.get(token) ?? 0) > performance.now(),
    expireAll: () => ends.clear(),
  }
}
