import { none, some } from 'fp-ts/lib/Option.js'
import { of, VirtualTimeScheduler } from 'rxjs'
import { type LogEntry, LogGapError, type LoggedJobSource, tailLog } from 'rxjobs'
import { expect, test } from 'vitest'

const entry = (data: string): LogEntry => ({ source: 'stdout', timestamp: '2026-11-22T09:30:00Z', data })

/** A job that is over and whose log is what one window shows. */
function source(log: ReadonlyArray<LogEntry>): LoggedJobSource<string, string, never> {
  return {
    scheduler: new VirtualTimeScheduler(),
    refOf: some,
    keyOf: (ref) => ref,
    failure: () => of(none),
    status: (ref) => of({ ref, job: 'done', phase: 'succeeded' as const }),
    log: { window: () => of(log) },
  }
}

// The error's gap names the line before it and where to go on: whoever does must have had all lines up to there.
test('where a gap is an error the lines before it come first', () => {
  const seen: Array<string> = []
  let failed: unknown
  const stream = tailLog(source([entry('a'), entry('b'), entry('too long')]), 'job', {
    onGap: 'error',
    maxLineBytes: 3,
  })
  stream.subscribe({
    next: (element) => seen.push(element._tag === 'Line' ? element.data : element.reason),
    error: (error: unknown) => (failed = error),
  })
  expect(failed).toBeInstanceOf(LogGapError)
  expect(failed).toMatchObject({ gap: { before: { value: { data: 'b' } }, cursor: { count: 3 } } })
  expect(seen).toEqual(['a', 'b'])
})
