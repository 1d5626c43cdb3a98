/** An element of a log: the text of a line, or a gap. Other streams than ours may emit them, too. */
export type LogPiece = { readonly _tag: 'Line'; readonly data: string } | { readonly _tag: 'Gap' }

/** True for an object with that `_tag`. */
export const hasTag = (value: unknown, tag: string): value is { readonly _tag: string } =>
  typeof value === 'object' && value !== null && '_tag' in value && value._tag === tag

export const isLogPiece = (value: unknown): value is LogPiece =>
  hasTag(value, 'Gap') || (hasTag(value, 'Line') && 'data' in value && typeof value.data === 'string')

/**
 * The offsets in a log at which a stream can stand after these elements. A line moves on by one where its text is the log's; a gap
 * leads to any later offset. `wrong` is the index of the first element that fits nowhere.
 *
 * All possible offsets are followed at once, because equal lines make the length of a gap ambiguous.
 */
export function offsetsAfter(
  log: ReadonlyArray<string>,
  pieces: ReadonlyArray<LogPiece>,
): { readonly offsets: ReadonlySet<number>; readonly wrong?: number } {
  let offsets = new Set([0])
  for (const [index, piece] of pieces.entries()) {
    const next = new Set<number>()
    if (piece._tag === 'Gap') {
      for (let offset = Math.min(...offsets); offset <= log.length; offset++) next.add(offset)
    } else {
      for (const offset of offsets) if (offset < log.length && log[offset] === piece.data) next.add(offset + 1)
    }
    if (next.size === 0) return { offsets, wrong: index }
    offsets = next
  }
  return { offsets }
}
