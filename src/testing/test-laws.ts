import { type Law, LawSkipped } from './law.ts'

/** The `test` of vitest and of node:test, as far as it is used. */
export type TestFunction = (
  name: string,
  body: (context: { readonly skip: (reason: string) => unknown }) => Promise<void>,
) => unknown

/**
 * Registers laws with a test framework, one test each: pass the `test` of vitest or of node:test. A skipped law is a
 * skipped test with its reason. With any other framework call `check` yourself.
 *
 * @example
 * ```ts
 * import { test } from 'node:test'
 * import { fakeJob, jobSourceLaws, testLaws } from 'rxjobs/testing'
 *
 * const register = () => testLaws(test, jobSourceLaws(async () => fakeJob("q 1s r 'one' 1m f")))
 * ```
 */
export function testLaws(test: TestFunction, laws: ReadonlyArray<Law>): void {
  for (const { name, check } of laws) {
    test(name, async (context) => {
      try {
        await check()
      } catch (error) {
        if (!(error instanceof LawSkipped)) throw error
        context.skip(error.message)
      }
    })
  }
}
