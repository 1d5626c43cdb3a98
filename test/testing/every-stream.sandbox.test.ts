import crossFetch from 'cross-fetch'
import type { Fetch } from 'rxjobs/core'
import { type TestFunction, testConformance } from 'rxjobs/testing'
import { describe, test } from 'vitest'
import { onSandbox } from './support/on-sandbox.ts'

// The suite on real sockets: the streams on the services of the sandbox. A busy machine may be late by itself.
const real: TestFunction = (name, body) => test.concurrent(name, { retry: 2, timeout: 40_000 }, body)

const fetches: ReadonlyArray<readonly [name: string, fetch: Fetch]> = [
  ['the platform', fetch],
  ['cross-fetch', crossFetch],
]

describe.each(fetches)('with the fetch of %s', (_name, given) => {
  describe.each(Object.entries(onSandbox(given)))('%s', (_, checks) => testConformance(real, checks))
})
