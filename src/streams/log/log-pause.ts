import { type Cadence, waitOf } from '../cadence.ts'

const shortest = 500
const longest = 2_500
const growth = 1.5

/**
 * How long to wait between two looks at a log that is polled, in milliseconds: as the caller's cadence says, else from
 * half a second to a second while the log grows, and ever longer, up to five seconds, while it does not.
 *
 * @param age milliseconds since the stream first saw the job
 * @param random a number from 0 up to 1, for the jitter
 */
export function logPause<Job>(
  cadence: Cadence<Job> | undefined,
  job: () => Job,
  age: () => number,
  random: () => number = Math.random,
): (added: boolean) => number {
  let attempt = 0
  let quiet = 0
  return (added) => {
    attempt++
    if (cadence !== undefined) return waitOf(cadence, job(), age(), attempt)
    quiet = added ? 0 : quiet + 1
    return Math.min(longest, shortest * growth ** quiet) * (1 + random())
  }
}
