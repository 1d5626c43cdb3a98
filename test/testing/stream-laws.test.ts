import { of } from 'rxjs'
import { followJob, tailLog, thenFetchErrors, thenFollow, thenTail, thenWatch, watchJob } from 'rxjobs'
import { streamLaws } from 'rxjobs/testing'
import { expect, test } from 'vitest'
import { ofStream } from './support/verdicts.ts'

test('there are ten laws, in their order', () => {
  const names = streamLaws(() => expect.unreachable('nothing begins before a check')).map(({ name }) => name)
  expect(names.map((name) => name.split(':', 1)[0])).toEqual(Array.from({ length: 10 }, (_, i) => `law ${i + 1}`))
})

type Make = Parameters<typeof ofStream>[0]

const streams: ReadonlyArray<readonly [name: string, skipped: ReadonlyArray<string>, make: Make]> = [
  ['watchJob', ['law 9'], ({ source }, ref, options) => watchJob(source, ref, options)],
  ['tailLog', [], ({ source }, ref, options) => tailLog(source, ref, options)],
  ['followJob', [], ({ source }, ref, options) => followJob(source, ref, options)],
  ['thenWatch', ['law 9'], ({ source }, ref, options) => of(ref).pipe(thenWatch(source, options))],
  ['thenTail', [], ({ source }, ref, options) => of(ref).pipe(thenTail(source, options))],
  ['thenFollow', [], ({ source }, ref, options) => of(ref).pipe(thenFollow(source, options))],
  [
    'thenFetchErrors',
    ['law 9'],
    ({ source }, ref, options) => of(ref).pipe(thenWatch(source, options), thenFetchErrors(source, options)),
  ],
]

test.each(streams)('%s breaks none; not judged: %j', async (_, skipped, make) => {
  expect(await ofStream(make)).toEqual({ broken: {}, skipped })
})
