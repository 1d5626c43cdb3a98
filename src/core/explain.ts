import type * as t from 'io-ts'
import type { Issue } from './errors/index.ts'
import { show } from './show.ts'

/** How many issues are worth telling. */
export const mostIssues = 20

// A service chooses the keys of a dictionary, and one may be as long as its answer.
const longestPlain = 80

function step(key: string): string {
  if (key.length > longestPlain) return `[${show(key)}]`
  return /^\d+$/.test(key) ? `[${key}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${show(key)}]`
}

/**
 * Says where a value did not fit and what was there instead: `entries[3].timestamp`, `string`, `5`. At most 20 issues.
 *
 * io-ts's own PathReporter is not used: it brings a second copy of io-ts into a bundle.
 *
 * @example
 * ```ts
 * import * as t from 'io-ts'
 * import { explain } from 'rxjobs'
 *
 * const decoded = t.array(t.string).decode(['a', 5])
 * decoded._tag === 'Left' && explain(decoded.left) // => [{ path: '[1]', expected: 'string', actual: '5' }]
 * ```
 */
export function explain(errors: t.Errors): ReadonlyArray<Issue> {
  return errors.slice(0, mostIssues).map(({ context, value }) => ({
    path: context
      .map(({ key }) => (key === '' ? '' : step(key)))
      .join('')
      .replace(/^\./, ''),
    expected: context[context.length - 1]?.type.name ?? 'something else',
    actual: show(value),
  }))
}
