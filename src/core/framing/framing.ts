/** Finds JSON values in a text that comes in pieces, in one particular arrangement. */
export interface Framing {
  /**
   * The values that are complete with this piece, parsed.
   *
   * @throws Mismatch for what cannot be read in this arrangement
   */
  push(text: string): ReadonlyArray<unknown>
  /** How many characters wait for their end. What waits when the connection closes is broken and no value. */
  pending(): number
}
