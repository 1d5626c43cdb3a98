/** Tells the time as the log entries carry it. */
export interface Clock {
  /** RFC 3339 in UTC with nine fraction digits; each call is at least one nanosecond after the one before. */
  stamp(): string
}

/**
 * A wall clock that runs on the monotone timer, so that a correction of the system's time never moves a log backwards.
 */
export function createClock(): Clock {
  const offset = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint()
  let last = 0n
  let second = -1n
  let prefix = ''
  return {
    stamp() {
      const now = offset + process.hrtime.bigint()
      last = now > last ? now : last + 1n
      const whole = last / 1_000_000_000n
      if (whole !== second) {
        second = whole
        prefix = new Date(Number(whole) * 1000).toISOString().slice(0, 19)
      }
      return `${prefix}.${String(last % 1_000_000_000n).padStart(9, '0')}Z`
    },
  }
}
