import { parseObject } from '../http/body.ts'

/** One line of a job's log, as on the wire. */
export interface LogEntry {
  readonly source: 'stdout' | 'stderr'
  /** RFC 3339, as a rule with nine fraction digits. */
  readonly timestamp: string
  /** Without a newline at its end. */
  readonly data: string
}

/** How many entries a block holds. */
const blockSize = 512

/**
 * An append-only log. Entries are kept as the JSON text that responses send, in blocks outside the JavaScript heap: a
 * million lines cost their bytes and one Buffer for each 512.
 */
export class JobLog {
  readonly #blocks: Buffer[] = []
  readonly #listeners = new Set<() => void>()
  #open: string[] = []
  #closed = false

  get length(): number {
    return this.#blocks.length * blockSize + this.#open.length
  }

  /** Whether the log is complete. */
  get closed(): boolean {
    return this.#closed
  }

  append(entries: Iterable<LogEntry>): void {
    for (const { source, timestamp, data } of entries) {
      this.#open.push(JSON.stringify({ source, timestamp, data }))
      if (this.#open.length < blockSize) continue
      this.#blocks.push(Buffer.from(this.#open.join('\n')))
      this.#open = []
    }
    this.#notify()
  }

  close(): void {
    this.#closed = true
    this.#notify()
  }

  /** The JSON texts of the entries from one index up to another, in time proportional to their number. */
  texts(from: number, to: number): ReadonlyArray<string> {
    const out: string[] = []
    const end = Math.min(to, this.length)
    for (let start = from; start < end; ) {
      const index = Math.floor(start / blockSize)
      // JSON text has no raw newline, so it can separate the entries of a block.
      const block = this.#blocks[index]?.toString('utf8').split('\n') ?? this.#open
      const skipped = index * blockSize
      const piece = block.slice(start - skipped, Math.min(end - skipped, blockSize))
      for (const text of piece) out.push(text)
      start += piece.length
    }
    return out
  }

  /** The same, parsed. */
  entries(from: number, to: number): ReadonlyArray<LogEntry> {
    return this.texts(from, to).map(parseEntry)
  }

  /** Calls after each append and at the close. Returns a function that stops it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

function parseEntry(text: string): LogEntry {
  const { source, timestamp, data } = parseObject(text) ?? {}
  return { source: source === 'stderr' ? 'stderr' : 'stdout', timestamp: String(timestamp), data: String(data) }
}
