// Reads the environment variables of an example. Where some are missing it says which, and how to get them from a sandbox.
import process from 'node:process'

const hints: ReadonlyArray<readonly [names: RegExp, hint: string]> = [
  [
    /^(CONNECT_SERVER|CONNECT_API_KEY|GENESYS)/m,
    'To run this on a sandbox, start `npm run sandbox` in another terminal and paste here the lines that it prints.',
  ],
  [
    /^CONNECT_(CONTENT|JOB)/m,
    'On a sandbox, this starts a job and sets its names: eval "$(npx tsx examples/start-report.ts)"',
  ],
  [/^CONNECT_BUNDLE/m, 'On a sandbox, set CONNECT_BUNDLE=demo/bundles/stock-import'],
  [/^GITHUB/m, 'GITHUB_TOKEN is a token with the permission actions:write, GITHUB_REPOSITORY is owner/name.'],
]

/** Gives the values of the variables that an example needs. Where one is missing, the process ends with code 1. */
export function environment<Name extends string>(...names: ReadonlyArray<Name>): (name: Name) => string {
  const missing = names.filter((name) => !process.env[name])
  if (missing.length > 0) {
    const about = hints.filter(([pattern]) => pattern.test(missing.join('\n'))).map(([, hint]) => hint)
    console.error([`Missing environment variables: ${missing.join(', ')}`, ...about].join('\n'))
    process.exit(1)
  }
  return (name) => process.env[name] ?? ''
}
