import { EMPTY, lastValueFrom, type Observable, of, throwError, toArray, VirtualTimeScheduler } from 'rxjs'
import { HttpError, type LogEntry, type LogElement } from 'rxjobs'
import { expect, test } from 'vitest'
import { alwaysReady } from '../../../src/core/index.ts'
import { Link } from '../../../src/streams/link.ts'
import { start } from '../../../src/streams/log/cursor.ts'
import { emitter } from '../../../src/streams/log/emitter.ts'
import { FullReader } from '../../../src/streams/log/full-reader.ts'
import { Position } from '../../../src/streams/log/position.ts'

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
const read = async (batches: Observable<ReadonlyArray<LogElement<string>>>): Promise<ReadonlyArray<string>> =>
  (await lastValueFrom(batches.pipe(toArray()))).flat().map(shown)

test('leads up to entries by the whole log', async () => {
  const full = reader(() => of('a', 'b', 'c', 'd'))
  expect(await read(full.leadTo([entry('c'), entry('d')], true, 'window'))).toEqual(['a', 'b', 'c', 'd'])
})

test('a service without a download leaves a gap, and is not asked again', async () => {
  let asked = 0
  const full = reader(() => {
    asked++
    return throwError(() => new HttpError({ method: 'GET', path: '/download', status: 404 }))
  })
  expect(await read(full.leadTo([entry('c')], true, 'window'))).toEqual(['gap: window', 'c'])
  expect([asked, full.usable]).toEqual([1, false])
})

test('without leave to repair there is a gap at once', async () => {
  const full = reader(() => of('a', 'b'), false)
  expect(await read(full.leadTo([entry('b')], false, 'window'))).toEqual(['gap: window', 'b'])
})

test('half a last line is left out while the log is written, and says so', async () => {
  const running = reader(() => of('a', 'b', 'hal'))
  expect([await read(running.beyond(false)), running.leftOpen, running.exhausted]).toEqual([['a', 'b'], true, false])
  const over = reader(() => of('a', 'b', 'c'))
  expect([await read(over.beyond(true)), over.leftOpen, over.exhausted]).toEqual([['a', 'b', 'c'], false, true])
})
