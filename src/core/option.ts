import type { Either } from 'fp-ts/lib/Either.js'
import type { Option } from 'fp-ts/lib/Option.js'

// fp-ts's own constructors come with all of its instances: several times the size and the import time of this package's
// core. The values are the same: plain objects with a tag.

/** No value. */
export const none: Option<never> = { _tag: 'None' }

/** A value. */
export const some = <A>(value: A): Option<A> => ({ _tag: 'Some', value })

/** A value that may be undefined as an Option. */
export const fromUndefined = <A>(value: A | undefined): Option<A> => (value === undefined ? none : some(value))

/** A failure. */
export const left = <E>(error: E): Either<E, never> => ({ _tag: 'Left', left: error })

/** A success. */
export const right = <A>(value: A): Either<never, A> => ({ _tag: 'Right', right: value })
