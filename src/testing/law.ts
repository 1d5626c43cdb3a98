/** One law as a test: `check` resolves where it holds and rejects where it does not. */
export interface Law {
  /** Its number and what it says. */
  readonly name: string
  /** Takes a fresh service. Rejects with {@link LawBroken}, or with {@link LawSkipped} where it could not be judged. */
  readonly check: () => Promise<void>
}

/** A law does not hold: the words say what was seen. */
export class LawBroken extends Error {
  readonly _tag = 'LawBroken'
  override readonly name = 'LawBroken'
}

/** A law could not be judged, and why: an input is missing, or what it is about did not happen. It has not passed. */
export class LawSkipped extends Error {
  readonly _tag = 'LawSkipped'
  override readonly name = 'LawSkipped'
}

/** @throws LawBroken with these words unless `holds` */
export function hold(holds: boolean, otherwise: () => string): asserts holds {
  if (!holds) throw new LawBroken(otherwise())
}

/** @throws LawSkipped with these words unless `judged` */
export function judge(judged: boolean, otherwise: string): asserts judged {
  if (!judged) throw new LawSkipped(otherwise)
}
