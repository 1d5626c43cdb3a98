/** How waits grow between attempts that fail. */
export interface Backoff {
  /** Upper bound of the first wait in milliseconds; it doubles with each attempt. */
  readonly base: number
  /** Upper bound of every wait in milliseconds. */
  readonly cap: number
  /** A number from 0 up to 1; Math.random unless a test wants to know. */
  readonly random?: (() => number) | undefined
}

/**
 * The wait before attempt `attempt + 1`, in milliseconds: anywhere between 0 and `base · 2^(attempt - 1)`, at most `cap`.
 *
 * Full jitter, at the cap too: waiters that failed together do not come back together.
 *
 * @param attempt how many attempts failed in a row, from 1
 */
export function backoff({ base, cap, random = Math.random }: Backoff, attempt: number): number {
  return random() * Math.min(cap, base * 2 ** Math.min(attempt - 1, 52))
}
