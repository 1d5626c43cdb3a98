import { concat, defer, map, mergeMap, of } from 'rxjs'
import { followJob, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { ofSource, ofStream, secret } from '../support/verdicts.ts'

test('a stream that says the same twice breaks it, and nothing else', async () => {
  const { broken } = await ofStream(({ source }, ref, options) =>
    watchJob(source, ref, options).pipe(
      mergeMap((status) => (status.phase === 'running' ? of(status, { ...status }) : of(status))),
    ),
  )
  expect(broken).toEqual({ 'law 10': 'job "job": the status running was told twice' })
})

test('a stream that speaks after the end breaks it, and nothing else', async () => {
  const again = defer(() => of({ _tag: 'Status', ref: 'job', job: 'again', phase: 'running' }))
  const after = await ofStream(({ source }, ref, options) => concat(watchJob(source, ref, options), again))
  expect(after.broken).toEqual({ 'law 10': 'job "job": a status after the final one' })
  const settled = await ofStream(({ source }, ref, options) => concat(followJob(source, ref, options), again))
  expect(settled.broken).toEqual({ 'law 10': 'job "job": a status after the job was settled' })
})

test('a stream that shows a secret breaks it, and nothing else', async () => {
  const { broken } = await ofStream(({ source }, ref, options) =>
    watchJob(source, ref, options).pipe(map((status) => ({ ...status, asked: { headers: [`Key ${secret}`] } }))),
  )
  expect(broken).toEqual({ 'law 10': '1 of the secrets can be seen in what it gives' })
})

test('a source that finds a change in everything breaks it, and nothing else', async () => {
  const { broken } = await ofSource(({ source }) => ({ ...source, same: () => false }))
  expect(broken).toEqual({ 'law 10': 'job "job": the status queued was told twice' })
})

test('a source that shows its key breaks it, and nothing else', async () => {
  const { broken } = await ofSource(({ source }) => ({ ...source, options: { apiKey: secret } }))
  expect(broken).toEqual({ 'law 10': '1 of the secrets can be seen in the source' })
})
