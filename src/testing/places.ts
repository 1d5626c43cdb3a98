import type { LogPiece } from './elements.ts'

/**
 * Where in a log a stream can stand after what it gave, as counts of lines: a line goes on by one where its text is the
 * log's, a gap leads anywhere further on. `wrong` is the index of the first piece that fits nowhere.
 *
 * All possible places are followed at once, because equal lines make a gap's length ambiguous.
 */
export function placesAfter(
  log: ReadonlyArray<string>,
  pieces: ReadonlyArray<LogPiece>,
): { readonly places: ReadonlySet<number>; readonly wrong?: number } {
  let places = new Set([0])
  for (const [index, piece] of pieces.entries()) {
    const next = new Set<number>()
    if (piece._tag === 'Gap') {
      for (let place = Math.min(...places); place <= log.length; place++) next.add(place)
    } else {
      for (const place of places) if (place < log.length && log[place] === piece.data) next.add(place + 1)
    }
    if (next.size === 0) return { places, wrong: index }
    places = next
  }
  return { places }
}
