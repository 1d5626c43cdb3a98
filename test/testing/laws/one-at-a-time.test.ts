import { forkJoin, ignoreElements, map, mergeWith } from 'rxjs'
import { watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { ofSource, ofStream } from '../support/verdicts.ts'

test('a stream that looks twice at once breaks it, and nothing else', async () => {
  const { broken } = await ofStream(({ source }, ref, options) =>
    watchJob(source, ref, options).pipe(mergeWith(watchJob(source, ref, options).pipe(ignoreElements()))),
  )
  expect(broken).toEqual({ 'law 2': '2 status requests were in flight at once' })
})

test('a source whose look is two requests at once breaks it, and nothing else', async () => {
  const { broken } = await ofSource(({ source }) => ({
    ...source,
    status: (ref) => forkJoin([source.status(ref), source.status(ref)]).pipe(map(([reading]) => reading)),
  }))
  expect(broken).toEqual({ 'law 2': '2 status requests were in flight at once' })
})
