import { type Asked, RequestError, tagOf } from './request-error.ts'

/** One place where an answer did not fit. */
export interface Issue {
  /** Where: `entries[3].timestamp`; empty for the whole body. */
  readonly path: string
  /** What should have been there. */
  readonly expected: string
  /** What was there: the value as JSON, cut at 80 characters, or only its shape. */
  readonly actual: string
}

/** What a {@link DecodeError} is made from. */
export interface DecodeErrorInit extends Asked {
  readonly issues: ReadonlyArray<Issue>
}

const say = ({ path, expected, actual }: Issue): string =>
  `${path === '' ? 'the body' : path} should be ${expected}, was ${actual}`

/** The whole answer arrived and is not what it should be: not JSON, a wrong type somewhere, larger than allowed. */
export class DecodeError extends RequestError {
  readonly _tag = 'DecodeError'
  override readonly name = 'DecodeError'
  readonly issues: ReadonlyArray<Issue>

  constructor(init: DecodeErrorInit) {
    const [first, ...more] = init.issues
    super(init, first ? say(first) + (more.length > 0 ? ` (and ${more.length} more)` : '') : 'the body does not fit')
    this.issues = init.issues
  }
}

/** True for a {@link DecodeError}, from any realm. */
export const isDecodeError = (value: unknown): value is DecodeError => tagOf(value) === 'DecodeError'
