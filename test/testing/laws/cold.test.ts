import { mergeMap, of, ReplaySubject, share } from 'rxjs'
import { watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { ofSource, ofStream } from '../support/verdicts.ts'

const law1 = ['law 1']

test('a stream that is shared breaks it, and nothing else', async () => {
  const shared = await ofStream(({ source }, ref, options) => watchJob(source, ref, options).pipe(share()))
  expect(Object.keys(shared.broken)).toEqual(law1)
  const replayed = await ofStream(({ source }, ref, options) =>
    watchJob(source, ref, options).pipe(share({ connector: () => new ReplaySubject(100), resetOnComplete: false })),
  )
  expect(replayed.broken).toEqual({ 'law 1': 'two subscribers got the very same objects' })
})

test('a stream that begins when it is made breaks it', async () => {
  const { broken } = await ofStream(({ source }, ref, options) => {
    const begun = watchJob(source, ref, options).pipe(share())
    begun.subscribe({ error: () => undefined })
    return begun
  })
  expect(broken).toMatchObject({ 'law 1': 'the service was asked before anybody subscribed' })
})

test('a stream that can be had only once breaks it', async () => {
  const { broken } = await ofStream(({ source }, ref, options) => {
    let had = 0
    const once = watchJob(source, ref, options)
    return of(0).pipe(mergeMap(() => (had++ < 2 ? once : of())))
  })
  expect(broken).toMatchObject({ 'law 1': 'a later subscriber got nothing' })
})

test('a source that shares its readings breaks it, and nothing else', async () => {
  const { broken } = await ofSource(({ source }) => {
    const shared = new Map([['job', source.status('job').pipe(share())]])
    return { ...source, status: (ref) => shared.get(ref) ?? source.status(ref) }
  })
  expect(broken).toEqual({ 'law 1': 'two subscribers of `status` got the very same reading' })
})
