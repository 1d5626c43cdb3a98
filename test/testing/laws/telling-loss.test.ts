import { filter, map, mergeMap, of } from 'rxjs'
import { type LogEntry, tailLog } from 'rxjobs'
import { expect, test } from 'vitest'
import { ofSource, ofStream } from '../support/verdicts.ts'

test('a stream that drops a line breaks it, and nothing else', async () => {
  const { broken } = await ofStream(({ source }, ref, options) =>
    tailLog(source, ref, options).pipe(filter((element) => element._tag !== 'Line' || element.data !== 'two')),
  )
  expect(broken).toEqual({
    'law 9': 'after 1 lines "three" was given where the log has "two", and no gap was told',
  })
})

test('a stream that repeats a line breaks it, and nothing else', async () => {
  const { broken } = await ofStream(({ source }, ref, options) =>
    tailLog(source, ref, options).pipe(mergeMap((element) => of(element, { ...element }))),
  )
  expect(Object.keys(broken)).toEqual(['law 9'])
})

test('a source whose log lacks a line breaks it, and nothing else', async () => {
  const without = (entries: ReadonlyArray<LogEntry>): ReadonlyArray<LogEntry> =>
    entries.filter(({ data }) => data !== 'two')
  const { broken } = await ofSource(({ source }) => ({
    ...source,
    log: { window: (ref, lines) => source.log.window(ref, lines).pipe(map(without)) },
  }))
  expect(Object.keys(broken)).toEqual(['law 9'])
})

test('a source whose log is empty breaks it, and nothing else', async () => {
  const { broken } = await ofSource(({ source }) => ({
    ...source,
    log: { window: (ref, lines) => source.log.window(ref, lines).pipe(map(() => [])) },
  }))
  expect(broken).toEqual({ 'law 9': 'none of 5 lines was given' })
})
