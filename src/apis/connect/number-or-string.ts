import * as t from 'io-ts'

const is = (u: unknown): u is number | string => typeof u === 'number' || typeof u === 'string'

/**
 * A codec for an id that the service writes as a number in one place and as a string in another. Not t.union, which
 * would report a wrong id once for each of its types, at a place that is not in the answer.
 */
export const numberOrString: t.Type<number | string> = new t.Type(
  'number | string',
  is,
  (u, context) => (is(u) ? t.success(u) : t.failure(u, context)),
  t.identity,
)
