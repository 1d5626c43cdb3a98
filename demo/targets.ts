import type { AcceleratorInput } from 'rxjobs/genesys'
import { type Environment, together } from './environment.ts'

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

/** What to follow on real services; nothing at all stands for the sandbox. */
export interface Targets {
  readonly connect: ConnectTarget | undefined
  readonly genesys: GenesysTarget | undefined
}

/** What the environment points at. An Error says what is missing where it does so by half. */
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
  // What `npm run sandbox` prints is a base URL.
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
