import type * as t from 'io-ts'
import type { Issue } from './errors/index.ts'

const longestValue = 80
const mostIssues = 20

/** The value as JSON, on one line, cut at 80 characters. */
function show(value: unknown): string {
  if (value === undefined) return 'missing'
  const json = JSON.stringify(value) ?? typeof value
  return json.length > longestValue ? `${json.slice(0, longestValue)}…` : json
}

const step = (key: string): string => (/^\d+$/.test(key) ? `[${key}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`)

/**
 * Says where a value did not fit and what was there instead: `entries[3].timestamp`, `string`, `5`. At most 20 issues.
 *
 * io-ts's own PathReporter is not used: it brings a second copy of io-ts into a bundle.
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
