import type { AcceleratorInput } from 'rxjobs/genesys'

type Environment = Readonly<Record<string, string | undefined>>

/** A job on Posit Connect: the one with that key, else the content's newest. */
export interface ConnectTarget {
  readonly server: string
  readonly apiKey: string
  readonly guid: string
  readonly key: string | undefined
}

/** An accelerator to run on Genesys Cloud. */
export interface GenesysTarget {
  readonly place: { readonly host: string } | { readonly baseUrl: string }
  readonly clientId: string
  readonly clientSecret: string
  readonly input: AcceleratorInput
}

/** What to follow on real services; where both are undefined, a sandbox. */
export interface Targets {
  readonly connect: ConnectTarget | undefined
  readonly genesys: GenesysTarget | undefined
}

/** Reads the targets from the environment. Throws an Error that names the missing variables where only some are set. */
export const targetsOf = (env: Environment): Targets => ({ connect: connectTarget(env), genesys: genesysTarget(env) })

function connectTarget(env: Environment): ConnectTarget | undefined {
  const required = ['CONNECT_SERVER', 'CONNECT_API_KEY', 'CONNECT_CONTENT_GUID'] as const
  const value = together(env, 'Posit Connect', required, ['CONNECT_JOB_KEY'])
  if (value === undefined) return undefined
  return {
    server: value('CONNECT_SERVER'),
    apiKey: value('CONNECT_API_KEY'),
    guid: value('CONNECT_CONTENT_GUID'),
    key: env['CONNECT_JOB_KEY'] || undefined,
  }
}

function genesysTarget(env: Environment): GenesysTarget | undefined {
  // `npm run sandbox` prints a base URL.
  const place = env['GENESYS_BASE_URL'] ? 'GENESYS_BASE_URL' : 'GENESYS_HOST'
  const required = [place, 'GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET', 'GENESYS_ACCELERATOR_ID'] as const
  const value = together(env, 'Genesys Cloud', required, ['GENESYS_PARAMETERS'])
  if (value === undefined) return undefined
  const parameters = [...new URLSearchParams(env['GENESYS_PARAMETERS'])].map(([name, text]) => ({ name, value: text }))
  return {
    place: place === 'GENESYS_HOST' ? { host: value(place) } : { baseUrl: value(place) },
    clientId: value('GENESYS_CLIENT_ID'),
    clientSecret: value('GENESYS_CLIENT_SECRET'),
    input: { acceleratorId: value('GENESYS_ACCELERATOR_ID'), parameters },
  }
}

/**
 * Reads variables that are needed together. Undefined where none is set. Throws an Error that names the missing ones where only some
 * are set.
 */
function together<Name extends string>(
  env: Environment,
  service: string,
  required: ReadonlyArray<Name>,
  optional: ReadonlyArray<string> = [],
): ((name: Name) => string) | undefined {
  const isSet = (name: string): boolean => (env[name] ?? '') !== ''
  const set = [...required, ...optional].filter(isSet)
  if (set.length === 0) return undefined
  const missing = required.filter((name) => !isSet(name))
  if (missing.length > 0) {
    throw new Error(
      `To follow a job on ${service}, set ${missing.join(' and ')} as well: there is only ${set.join(' and ')}. ` +
        'For the sandbox, unset all of them.',
    )
  }
  return (name) => env[name] ?? ''
}
