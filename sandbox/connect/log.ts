import { parseObject } from '../http/body.ts'

/** One line of a job's log, as on the wire. */
export interface LogEntry {
  readonly source: 'stdout' | 'stderr'
  /** RFC 3339, as a rule with nine fraction digits; null where the server does not have it. */
  readonly timestamp: string | null
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
  readonly #lagMs: number
  /** What was appended in the last `lagMs`: when, and how long the log was after it. */
  readonly #recent: Array<{ readonly at: number; readonly length: number }> = []
  #open: string[] = []
  #closed = false
  #shown = 0
  #first = 0

  /** With `lagMs`, readers of the stored log see an entry that many milliseconds after it was appended. */
  constructor(lagMs = 0) {
    this.#lagMs = lagMs
  }

  /** The index of the first entry that is there; 0 until the log is rotated. */
  get first(): number {
    return this.#first
  }

  /** The index after the last entry. */
  get length(): number {
    return this.#first + this.#blocks.length * blockSize + this.#open.length
  }

  /** The index after the last entry that the stored log shows now; `length` where it does not lag. */
  get shown(): number {
    if (this.#lagMs === 0) return this.length
    const until = performance.now() - this.#lagMs
    const count = this.#recent.findIndex(({ at }) => at > until)
    const old = this.#recent.splice(0, count < 0 ? this.#recent.length : count)
    this.#shown = Math.max(this.#first, old.at(-1)?.length ?? this.#shown)
    return this.#shown
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
    if (this.#lagMs > 0) this.#recent.push({ at: performance.now(), length: this.length })
    this.#notify()
  }

  /** Begins the log anew: what was appended until now is gone from it. Indexes go on. */
  rotate(): void {
    this.#first = this.length
    this.#blocks.length = 0
    this.#open = []
  }

  close(): void {
    this.#closed = true
    this.#notify()
  }

  /** The JSON texts of the entries from one index up to another, in time proportional to their number. */
  texts(from: number, to: number): ReadonlyArray<string> {
    const out: string[] = []
    const end = Math.min(to, this.length) - this.#first
    for (let start = Math.max(0, from - this.#first); start < end; ) {
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
  return {
    source: source === 'stderr' ? 'stderr' : 'stdout',
    timestamp: typeof timestamp === 'string' ? timestamp : null,
    data: String(data),
  }
}

/** The JSON texts with their lines cut at that many UTF-16 units; 0 cuts none. */
export function cutLines(texts: ReadonlyArray<string>, cutAt: number): ReadonlyArray<string> {
  if (cutAt === 0) return texts
  return texts.map((text) => {
    if (text.length <= cutAt) return text
    const entry = parseEntry(text)
    return JSON.stringify({ ...entry, data: entry.data.slice(0, cutAt) })
  })
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/

/** The line as text with its time before it, `YYYY/MM/DD HH:MM:SS.nnnnnnnnn text`; the bare line without a time in UTC. */
export function timedLine({ timestamp, data }: LogEntry): string {
  const [, year, month, day, time, fraction = ''] = rfc3339.exec(timestamp ?? '') ?? []
  return time === undefined ? data : `${year}/${month}/${day} ${time}.${fraction.padEnd(9, '0')} ${data}`
}
