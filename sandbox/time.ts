/** The wall clock of one sandbox. It follows the monotonic timer, so that corrections of the system time never move a log back. */
export class Clock {
  readonly #offset = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint()
  #last = 0n
  #second = -1n
  #prefix = ''

  /** RFC 3339 in UTC with nine fraction digits; each call gives a later time than the call before. */
  stamp(): string {
    const now = this.#offset + process.hrtime.bigint()
    this.#last = now > this.#last ? now : this.#last + 1n
    const second = this.#last / 1_000_000_000n
    if (second !== this.#second) {
      this.#second = second
      this.#prefix = new Date(Number(second) * 1000).toISOString().slice(0, 19)
    }
    return `${this.#prefix}.${String(this.#last % 1_000_000_000n).padStart(9, '0')}Z`
  }
}

/** The timers of one sandbox. They end with it, none begins after its end, and none of them keeps the process alive. */
export class Timers {
  readonly #cancels = new Set<() => void>()
  #closed = false

  /** Calls once after that many milliseconds. Returns a function that cancels. */
  after(ms: number, call: () => void): () => void {
    const timer = setTimeout(() => {
      this.#cancels.delete(cancel)
      call()
    }, ms)
    const cancel = this.#keep(timer)
    return cancel
  }

  /** Calls again and again, that many milliseconds apart. Returns a function that cancels. */
  every(ms: number, call: () => void): () => void {
    return this.#keep(setInterval(call, ms))
  }

  close(): void {
    this.#closed = true
    for (const cancel of [...this.#cancels]) cancel()
  }

  #keep(timer: NodeJS.Timeout): () => void {
    timer.unref()
    const cancel = (): void => {
      // Clears intervals as well.
      clearTimeout(timer)
      this.#cancels.delete(cancel)
    }
    this.#cancels.add(cancel)
    if (this.#closed) cancel()
    return cancel
  }
}
