import { asyncScheduler, mergeMap, timer } from 'rxjs'
import { watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { ofSource, ofStream } from '../support/verdicts.ts'

test('a stream that waits by a clock of its own breaks it, and nothing else', async () => {
  const { broken } = await ofStream(({ source }, ref, options) =>
    watchJob(source, ref, { ...options, scheduler: asyncScheduler }),
  )
  expect(Object.keys(broken)).toEqual(['law 7'])
})

test('a source that waits by a clock of its own breaks it, and nothing else', async () => {
  const { broken } = await ofSource(({ source }) => ({
    ...source,
    status: (ref) => timer(60_000).pipe(mergeMap(() => source.status(ref))),
  }))
  expect(Object.keys(broken)).toEqual(['law 7'])
})
