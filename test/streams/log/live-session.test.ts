import fc from 'fast-check'
import { map, type Observable, Subject, timer, VirtualTimeScheduler } from 'rxjs'
import { type LogEntry, LogGapError, NetworkError } from 'rxjobs'
import { expect, test } from 'vitest'
import { alwaysReady } from '../../../src/core/index.ts'
import { Link } from '../../../src/streams/link.ts'
import { start } from '../../../src/streams/log/cursor.ts'
import { emitter } from '../../../src/streams/log/emitter.ts'
import { liveSession } from '../../../src/streams/log/live-session.ts'
import { LogReader } from '../../../src/streams/log/log-reader.ts'
import { Position } from '../../../src/streams/log/position.ts'

const latency = 10
const silence = 1_000
const stamp = (at: number): string => new Date(1_800_000_000_000 + at).toISOString()
const line = (at: number, text = String(at)): LogEntry => ({ source: 'stdout', timestamp: stamp(at), data: text })
const untimed = (data: string): LogEntry => ({ source: 'stdout', timestamp: '', data })

/** A session on a log that the test writes and a connection that the test feeds, in virtual time. */
function session({ longest = 1_000, ready = alwaysReady } = {}) {
  const scheduler = new VirtualTimeScheduler()
  const log: Array<LogEntry> = []
  const live = new Subject<ReadonlyArray<LogEntry>>()
  const position = new Position('job', start)
  const emit = emitter('job', position, longest)
  const link = new Link('log', { scheduler, maxFailures: 0, report: () => undefined })
  let looks = 0
  const window = (_ref: string, lines: number): Observable<ReadonlyArray<LogEntry>> => {
    looks++
    // What is there when the answer is sent.
    return timer(latency, scheduler).pipe(map(() => log.slice(-lines)))
  }
  const reader = new LogReader({ log: { window }, ref: 'job', position, emit, link, ready, repair: true })
  const told: Array<string> = []
  const seen: Array<string> = []
  const subscription = liveSession({
    live,
    reader,
    position,
    emit,
    scheduler,
    ready,
    silence,
    onOpen: () => told.push('open'),
    onEnd: (end, delivered) => told.push(`${end}${delivered ? ' after lines' : ''}`),
  }).subscribe({
    next: (elements) => {
      for (const element of elements) seen.push(element._tag === 'Line' ? element.data : `gap: ${element.reason}`)
    },
    error: (error: unknown) => told.push(error instanceof LogGapError ? 'gap error' : 'error'),
    complete: () => told.push('complete'),
  })
  const at = (ms: number, step: () => void): void => void scheduler.schedule(step, ms)
  /** Lets time pass up to this many milliseconds. */
  const until = (ms: number): void => {
    scheduler.maxFrames = ms
    scheduler.flush()
  }
  return { scheduler, log, live, told, seen, subscription, at, until, looks: () => looks }
}

test('opens first, then reads the log, then joins the two: nothing is lost between and nothing repeated', () => {
  const moment = fc.nat(60)
  fc.assert(
    fc.property(fc.uniqueArray(moment, { maxLength: 30 }), moment, fc.nat(10), (times, opens, replayed) => {
      const { log, live, seen, told, at, until } = session()
      const all = [...times].sort((a, b) => a - b).map((ms) => ({ ms, entry: line(ms) }))
      for (const { ms, entry } of all)
        at(ms, () => {
          log.push(entry)
          if (ms > opens) live.next([entry])
        })
      at(opens, () => {
        live.next([])
        live.next(replayed === 0 ? [] : log.slice(-replayed))
      })
      until(500)
      expect(seen).toEqual(all.map(({ entry }) => entry.data))
      expect(told).toEqual(['open'])
    }),
    { numRuns: 500 },
  )
})

test('does not read the log before the connection is open', () => {
  const { log, live, seen, at, until, looks } = session()
  log.push(line(0))
  until(500)
  expect([looks(), seen]).toEqual([0, []])
  at(0, () => live.next([]))
  until(900)
  expect([looks(), seen]).toEqual([1, ['0']])
})

test('a connection that is silent is checked: it stays while the log has not grown', () => {
  const { log, live, seen, told, at, until, looks } = session()
  at(0, () => live.next([]))
  until(5 * silence)
  expect(looks()).toBeGreaterThan(2)
  expect(told).toEqual(['open'])
  log.push(line(1))
  until(8 * silence)
  expect([seen, told]).toEqual([['1'], ['open', 'silent', 'complete']])
})

test('keep-alives are signs of life, and the log is not read for them', () => {
  const { live, at, until, looks } = session()
  for (let ms = 0; ms < 20 * silence; ms += silence / 2) at(ms, () => live.next([]))
  until(20 * silence)
  expect(looks()).toBe(1)
})

test('lines that come while silence is checked come once and in their place', () => {
  const { log, live, seen, told, at, until } = session()
  at(0, () => live.next([]))
  // The look begins when the silence is over and its answer is on its way.
  const late = line(2)
  at(silence + latency + 1, () => live.next([late]))
  at(silence + latency + 2, () => log.push(late))
  until(1.5 * silence)
  expect([seen, told]).toEqual([['2'], ['open']])
})

test('a connection that closes while the log is read ends when it has been read', () => {
  for (const failed of [false, true]) {
    const { log, live, seen, told, at, until } = session()
    log.push(line(0))
    at(0, () => live.next([]))
    at(latency / 2, () => {
      if (failed) live.error(new NetworkError({ method: 'GET', path: '/tail', cause: 'reset' }))
      else live.complete()
    })
    until(latency / 2)
    expect([seen, told]).toEqual([[], ['open']])
    until(500)
    expect([seen, told]).toEqual([['0'], ['open', failed ? 'failed' : 'closed', 'complete']])
  }
})

test('says whether the connection gave any line of its own', () => {
  const { live, told, at, until } = session()
  at(0, () => live.next([]))
  at(100, () => live.next([line(100)]))
  at(200, () => live.complete())
  until(500)
  expect(told).toEqual(['open', 'closed after lines', 'complete'])
})

test('a connection whose lines have no place in the log is useless', () => {
  const { log, live, seen, told, at, until } = session()
  log.push(untimed('a'), untimed('b'))
  at(0, () => live.next([]))
  at(100, () => live.next([untimed('b')]))
  until(5_000)
  expect([seen, told]).toEqual([
    ['a', 'b'],
    ['open', 'useless', 'complete'],
  ])
})

test('unsubscribing lets go of the connection and of every wait', () => {
  for (const when of [latency / 2, 2 * latency, 1.5 * silence]) {
    const { scheduler, log, live, seen, subscription, at, until, looks } = session()
    at(0, () => live.next([]))
    until(when)
    const before = looks()
    subscription.unsubscribe()
    log.push(line(0))
    expect(live.observed).toBe(false)
    until(20 * silence)
    expect([looks(), seen, scheduler.actions]).toEqual([before, [], []])
  }
})

test('a log that shows its lines later than the connection loses none of them', () => {
  const moment = fc.nat(400)
  fc.assert(
    fc.property(
      fc.uniqueArray(moment, { maxLength: 20 }),
      moment,
      fc.integer({ min: 1, max: 900 }),
      (times, opens, lag) => {
        const { log, live, seen, told, at, until } = session()
        const all = [...times].sort((a, b) => a - b)
        for (const ms of all) {
          at(ms + lag, () => log.push(line(ms)))
          at(ms, () => {
            if (ms > opens) live.next([line(ms)])
          })
        }
        at(opens, () => live.next([]))
        // Whatever the connection gave, a look or the next connection would find the rest.
        at(4_000, () => live.complete())
        until(8_000)
        expect(seen).toEqual(all.map(String).slice(0, seen.length))
        const newest = all[all.length - 1] ?? 0
        if (newest > opens) expect(seen).toHaveLength(all.length)
        expect(told).not.toContain('useless')
      },
    ),
    { numRuns: 300 },
  )
})

test('leaving at the first word of the connection begins no look at the log', () => {
  const tried = session()
  const { live, told, at, until, looks } = tried
  at(10, () => {
    told.push = (...words: Array<string>) => {
      tried.subscription.unsubscribe()
      return words.length
    }
    live.next([])
  })
  until(5_000)
  expect(looks()).toBe(0)
})
