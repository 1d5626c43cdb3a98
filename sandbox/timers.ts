/** The timers of one sandbox, which end with it. */
export interface Timers {
  /** Calls once after that many milliseconds, unless cancelled or the sandbox is closed first. */
  after(ms: number, call: () => void): () => void
  /** Calls again and again, that many milliseconds apart. */
  every(ms: number, call: () => void): () => void
  close(): void
}

/** None of these timers keeps the process alive by itself. */
export function createTimers(): Timers {
  const cancels = new Set<() => void>()
  return {
    after(ms, call) {
      const cancel = (): void => {
        clearTimeout(timer)
        cancels.delete(cancel)
      }
      const timer = setTimeout(() => {
        cancels.delete(cancel)
        call()
      }, ms)
      timer.unref()
      cancels.add(cancel)
      return cancel
    },
    every(ms, call) {
      const timer = setInterval(call, ms)
      timer.unref()
      const cancel = (): void => {
        clearInterval(timer)
        cancels.delete(cancel)
      }
      cancels.add(cancel)
      return cancel
    },
    close() {
      for (const cancel of [...cancels]) cancel()
    },
  }
}
