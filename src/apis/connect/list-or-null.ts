import * as t from 'io-ts'
import { list } from '../../core/index.ts'

/** A codec for an array that reads null as an empty one: a server written in Go writes the one or the other. */
export function listOrNull<A>(codec: t.Type<A>): t.Type<ReadonlyArray<A>> {
  const elements = list(codec)
  return new t.Type(
    elements.name,
    elements.is,
    (u, context) => (u === null ? t.success([]) : elements.validate(u, context)),
    t.identity,
  )
}
