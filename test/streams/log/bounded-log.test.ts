import fc from 'fast-check'
import { type Observable, of } from 'rxjs'
import type { CountedEntries, JobLog, LogEntry } from 'rxjobs'
import { expect, test } from 'vitest'
import { boundedLog } from '../../../src/streams/log/bounded-log.ts'

const entry = (data: string): LogEntry => ({ source: 'stdout', timestamp: '', data })

function valueOf<A>(source: Observable<A> | undefined): A | undefined {
  let last: A | undefined
  source?.subscribe((value) => (last = value))
  return last
}

test('lines come as they are, whichever way, but for the end of those that are too long', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 8 })), fc.integer({ min: 1, max: 8 }), (texts, longest) => {
      const entries = texts.map(entry)
      const log: Required<JobLog<string>> = {
        widest: 7,
        longest: 1_000,
        window: () => of(entries),
        since: (): Observable<CountedEntries> => of({ entries, next: 3 }),
        live: () => of(entries),
        full: () => of(...texts.slice(-1)),
      }
      const bounded = boundedLog(log, longest)
      const cut = texts.map((data) => entry(data.slice(0, longest + 1)))
      expect(valueOf(bounded.window('job', 5))).toEqual(cut)
      expect(valueOf(bounded.since?.('job', 0))).toEqual({ entries: cut, next: 3 })
      expect(valueOf(bounded.live?.('job'))).toEqual(cut)
      expect(valueOf(bounded.full?.('job'))).toEqual(cut.at(-1)?.data)
      expect(bounded.widest).toBe(7)
    }),
  )
})

test('a way that the service lacks is not made up', () => {
  expect(Object.keys(boundedLog({ window: () => of([]) }, 10))).toEqual(['window'])
})
