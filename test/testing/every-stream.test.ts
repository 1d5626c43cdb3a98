import { type TestFunction, testLaws } from 'rxjobs/testing'
import { describe, test } from 'vitest'
import { onSandbox } from './support/on-sandbox.ts'

// The laws on real sockets: every stream on the services that come with the package. A busy machine may be late by itself.
const real: TestFunction = (name, body) => test.concurrent(name, { retry: 2, timeout: 40_000 }, body)

describe.each(Object.entries(onSandbox))('%s', (_, laws) => testLaws(real, laws))
