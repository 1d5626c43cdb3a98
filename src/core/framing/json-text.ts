import { notJson } from '../reader.ts'

/** Stands for a text that is not JSON; no JSON value is a symbol. */
export const none: unique symbol = Symbol('no JSON')

/** The value of a text that is JSON as a whole. */
export function whole(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return none
  }
}

/** @throws Mismatch for a text that is not JSON */
export function parse(text: string): unknown {
  const value = whole(text)
  if (value === none) throw notJson(text)
  return value
}

/**
 * The values of texts that are JSON each, parsed as one array, which is quicker than one by one; undefined where they are
 * not one value each. The line end between them stays, so that no string can begin in one and end in another.
 */
export function wholeEach(texts: ReadonlyArray<string>): Array<unknown> | undefined {
  // The brackets are joined with the texts: around the joined ones they would cost a second copy of all.
  const values = whole(['[0', ...texts, '0]'].join(',\n'))
  return Array.isArray(values) && values.length === texts.length + 2 ? values.slice(1, -1) : undefined
}
