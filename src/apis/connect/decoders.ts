import { type BodyDecoder, DecodeFailure, explain, jsonStream } from '../../core/index.ts'
import { LogEntries, LogEntry } from './models.ts'

// The tail's framing is not documented: jsonStream accepts all, and a value may be an entry, an array of entries, or an answer of the
// log endpoint. Null and {} are keep-alives.

function entriesOf(value: unknown): ReadonlyArray<LogEntry> {
  if (value === null || (typeof value === 'object' && Object.keys(value).length === 0)) return []
  const isPart = typeof value === 'object' && 'entries' in value
  const decoded = isPart ? LogEntries.decode(value) : LogEntry.decode(value)
  if (decoded._tag === 'Left') throw new DecodeFailure(explain(decoded.left))
  return 'entries' in decoded.right ? decoded.right.entries : [decoded.right]
}

/** The lines of a tail in batches: an empty one when the connection is open and at each keep-alive. */
export const entryBatches: BodyDecoder<ReadonlyArray<LogEntry>> = /* @__PURE__ */ jsonStream((values) =>
  values.every(LogEntry.is)
    ? values
    : values.flatMap((value) => (Array.isArray(value) ? value.flatMap(entriesOf) : entriesOf(value))),
)

/** Replaces each value of a decoder by another one, or by several. */
export const flatMap = <A, B>(decoder: BodyDecoder<A>, to: (value: A) => B | ReadonlyArray<B>): BodyDecoder<B> => ({
  ...decoder,
  start: (...context) => {
    const decoding = decoder.start(...context)
    return {
      first: (decoding.first ?? []).flatMap(to),
      push: (bytes) => decoding.push(bytes).flatMap(to),
      end: () => decoding.end().flatMap(to),
    }
  },
})
