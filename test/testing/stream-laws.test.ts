import { streamLaws } from 'rxjobs/testing'
import { expect, test } from 'vitest'
import { battery } from './support/battery.ts'
import { verdictsOf } from './support/verdicts.ts'

test('there are ten laws, in their order', () => {
  const names = streamLaws(() => expect.unreachable('nothing begins before a check')).map(({ name }) => name)
  expect(names.map((name) => name.split(':', 1)[0])).toEqual(Array.from({ length: 10 }, (_, i) => `law ${i + 1}`))
})

const entries = Object.entries(battery).map(([name, { breaks = {}, skipped = {}, laws }]) => ({
  name,
  laws,
  breaks,
  skipped,
  not: Object.keys(skipped).join(', ') || 'none',
}))

test.each(entries)('$name obeys the laws; not judged: $not', async ({ laws, breaks, skipped }) => {
  const verdicts = await verdictsOf(laws)
  expect(verdicts.skipped).toEqual(skipped)
  expect(verdicts.broken).toEqual(
    Object.fromEntries(Object.keys(breaks).map((law): [string, unknown] => [law, expect.any(String)])),
  )
})
