export type Environment = Readonly<Record<string, string | undefined>>

const isSet = (env: Environment, name: string): boolean => (env[name] ?? '') !== ''

/**
 * Reads variables that make sense only together: a way to get each one's value, or undefined where none of them is set.
 * Throws an Error that names what is missing where only some are.
 */
export function together<Name extends string>(
  env: Environment,
  service: string,
  required: ReadonlyArray<Name>,
  optional: ReadonlyArray<string> = [],
): ((name: Name) => string) | undefined {
  const set = [...required, ...optional].filter((name) => isSet(env, name))
  if (set.length === 0) return undefined
  const missing = required.filter((name) => !isSet(env, name))
  if (missing.length > 0) {
    throw new Error(
      `To follow a job on ${service}, set ${missing.join(' and ')} as well: there is only ${set.join(' and ')}. ` +
        'For the sandbox, unset all of them.',
    )
  }
  return (name) => env[name] ?? ''
}
