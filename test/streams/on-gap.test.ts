import { firstValueFrom, map, NEVER, of, timer, VirtualTimeScheduler } from 'rxjs'
import {
  isApiError,
  type JobLog,
  jobSource,
  type LogEntry,
  LogGapError,
  type LoggedJobSource,
  type Phase,
  pooled,
  tailLog,
  watchJob,
} from 'rxjobs'
import { expect, test } from 'vitest'
import { recorded } from './support/letters.ts'

const line = (index: number): LogEntry => ({
  source: 'stdout',
  timestamp: new Date(1_800_000_000_000 + index).toISOString(),
  data: `line ${index}`,
})
const lines = (count: number): ReadonlyArray<LogEntry> => Array.from({ length: count }, (_, index) => line(index))

/** A job of ten seconds whose log shows at most five lines; it has three, and 20 after five seconds. */
function service(scheduler: VirtualTimeScheduler): LoggedJobSource<string, string, string> {
  const log: JobLog<string> = {
    maxLines: 5,
    read: (_, most) => timer(1, scheduler).pipe(map(() => lines(scheduler.now() < 5_000 ? 3 : 20).slice(-most))),
  }
  const phase = (state: string): Phase => (state === 'done' ? 'succeeded' : 'running')
  const status = () => of(scheduler.now() < 10_000 ? 'busy' : 'done')
  return { ...jobSource<string, string>({ status, phase }), keyOf: (ref: string) => `/jobs/${ref}`, scheduler, log }
}

test("onGap 'emit': lines that no window shows are a Gap, with the line before and the line after it", () => {
  const scheduler = new VirtualTimeScheduler()
  const { values, completed } = recorded(scheduler, tailLog(service(scheduler), 'a', { onGap: 'emit' }))
  expect(completed).toBe(true)
  expect(values.map((element) => (element._tag === 'Line' ? element.data : element.reason))).toEqual([
    ...['line 0', 'line 1', 'line 2', 'window'],
    ...['line 15', 'line 16', 'line 17', 'line 18', 'line 19'],
  ])
  expect(values[3]).toMatchObject({ ref: 'a', before: { data: 'line 2' }, after: { data: 'line 15' } })
})

test("onGap 'error': the lines before the gap are emitted, then the stream fails with the gap", () => {
  const scheduler = new VirtualTimeScheduler()
  const { values, error } = recorded(scheduler, tailLog(service(scheduler), 'a', { onGap: 'error' }))
  expect(values.map((element) => element._tag === 'Line' && element.data)).toEqual(['line 0', 'line 1', 'line 2'])
  expect(error).toBeInstanceOf(LogGapError)
  expect([isApiError(error), String(error)]).toEqual([true, expect.stringContaining('/jobs/a')])
  expect(error).toMatchObject({
    gap: { _tag: 'Gap', reason: 'window', before: { data: 'line 2' }, after: { data: 'line 15' } },
  })
  expect(scheduler.actions).toEqual([])
})

test('a pool reads a counted log by its offsets, and its stats count watches and jobs', async () => {
  const scheduler = new VirtualTimeScheduler()
  const offsets: Array<number> = []
  const after = (_: string, offset: number) => {
    offsets.push(offset)
    return of({ entries: lines(20).slice(offset), nextOffset: 20 })
  }
  const { log, ...rest } = service(scheduler)
  const source: LoggedJobSource<string, string, string> = { ...rest, log: { ...log, after } }
  const pool = pooled(source, { requestsPerMinute: 600, scheduler })
  const { values } = recorded(scheduler, tailLog(pool, 'a'))
  expect(values).toHaveLength(20)
  expect(offsets[0]).toBe(0)
  expect(new Set(offsets.slice(1))).toEqual(new Set([20]))

  const idle = pooled({ ...rest, status: () => NEVER }, { requestsPerMinute: 600, scheduler })
  const watches = ['b', 'b', 'c'].map((ref) => watchJob(idle, ref).subscribe())
  expect(await firstValueFrom(idle.stats)).toMatchObject({ watches: 3, jobs: 2 })
  for (const watch of watches) watch.unsubscribe()
  expect(await firstValueFrom(idle.stats)).toMatchObject({ watches: 0, jobs: 0 })
})
