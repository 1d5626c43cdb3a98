import { EMPTY, lastValueFrom, type Observable, of, throwError, toArray, VirtualTimeScheduler } from 'rxjs'
import { HttpError, type LogEntry, type LogElement } from 'rxjobs'
import { expect, test } from 'vitest'
import { alwaysReady } from '../../../src/core/index.ts'
import { Link } from '../../../src/streams/link.ts'
import { start } from '../../../src/streams/log/cursor.ts'
import { emitter } from '../../../src/streams/log/emitter.ts'
import { FullReader } from '../../../src/streams/log/full-reader.ts'
import { Position } from '../../../src/streams/log/position.ts'
import type { Missing } from '../../../src/streams/log/verdict.ts'

const entry = (data: string): LogEntry => ({ source: 'stdout', timestamp: '2026-11-22T09:30:00Z', data })
const shown = (element: LogElement<string>): string =>
  element._tag === 'Line' ? element.data : `gap: ${element.reason}`

function reader(full: () => Observable<string>, repair = true) {
  const position = new Position('job', start)
  const patience = { scheduler: new VirtualTimeScheduler(), maxFailures: 2, report: () => undefined }
  const emit = emitter('job', position, 1_000)
  const log = { window: () => EMPTY, full }
  return new FullReader({
    log,
    ref: 'job',
    position,
    emit,
    link: new Link('log', patience),
    ready: alwaysReady,
    repair,
  })
}
const missing = (...texts: ReadonlyArray<string>): Missing => ({
  _tag: 'Missing',
  window: texts.map(entry),
  from: 0,
  reason: 'window',
})
const read = async (batches: Observable<ReadonlyArray<LogElement<string>>>): Promise<ReadonlyArray<string>> =>
  (await lastValueFrom(batches.pipe(toArray()))).flat().map(shown)

test('leads up to entries by the whole log', async () => {
  const full = reader(() => of('a', 'b', 'c', 'd'))
  expect(await read(full.leadTo(missing('c', 'd'), true))).toEqual(['a', 'b', 'c', 'd'])
})

test('a service without a download leaves a gap, and is not asked again', async () => {
  let asked = 0
  const full = reader(() => {
    asked++
    return throwError(() => new HttpError({ method: 'GET', path: '/download', status: 404 }))
  })
  expect(await read(full.leadTo(missing('c'), true))).toEqual(['gap: window', 'c'])
  expect([asked, full.usable]).toEqual([1, false])
})

test('without leave to repair there is a gap at once', async () => {
  const full = reader(() => of('a', 'b'), false)
  expect(await read(full.leadTo(missing('b'), false))).toEqual(['gap: window', 'b'])
})

test('half a last line is left out while the log is written', async () => {
  const running = reader(() => of('a', 'b', 'hal'))
  expect([await read(running.beyond(false, 'window')), running.exhausted]).toEqual([['a', 'b'], false])
  const over = reader(() => of('a', 'b', 'c'))
  expect([await read(over.beyond(true, 'window')), over.exhausted]).toEqual([['a', 'b', 'c'], true])
})

test('while the log is written a few texts in a download are no proof: it may lag behind, and they were there before', async () => {
  // The window shows the last two lines of a-b-c-a-b; the download does not have them yet.
  const lagging = reader(() => of('a', 'b', 'c'))
  expect(await read(lagging.leadTo(missing('a', 'b'), false))).toEqual(['a', 'b'])
})
