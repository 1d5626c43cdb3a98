import fc from 'fast-check'
import type { LogEntry } from 'rxjobs'
import { expect, test } from 'vitest'
import { start } from '../../../src/streams/log/cursor.ts'
import { Position } from '../../../src/streams/log/position.ts'
import type { Verdict } from '../../../src/streams/log/verdict.ts'
import { WindowPlan } from '../../../src/streams/log/window-plan.ts'

type Keeps = 'first' | 'last'

const numbered = (many: number): ReadonlyArray<LogEntry> =>
  Array.from({ length: many }, (_, at) => ({
    source: 'stdout',
    timestamp: new Date(1_800_000_000_000 + at).toISOString(),
    data: String(at),
  }))

interface Looked {
  /** How many lines were asked for, each time. */
  readonly asked: ReadonlyArray<number>
  readonly lines: ReadonlyArray<string>
  /** What the look came to at its end; undefined where no window can show more. */
  readonly last: Verdict | undefined
}

/** A plan for a log of lines that are all different, on a service that keeps one end of it. */
function planned(keeps: Keeps, widest: number): (many: number) => Looked {
  const position = new Position('job', start)
  const plan = new WindowPlan(position, widest)
  let now = 0
  return (many) => {
    const log = numbered(many)
    const asked: Array<number> = []
    const lines: Array<string> = []
    let last: Verdict | undefined
    let next = plan.ask((now += 1_000), false)
    while (next !== undefined) {
      asked.push(next)
      expect(asked.length).toBeLessThan(20)
      const most = Math.min(next, widest)
      last = plan.judge(keeps === 'last' ? log.slice(-most) : log.slice(0, most), next)
      const entries = last._tag === 'Fresh' ? last.entries : last.window.slice(last.from)
      for (const entry of entries) lines.push(position.push(entry).data)
      next = last._tag === 'Fresh' && last.then._tag === 'ask' ? last.then.lines : undefined
    }
    return { asked, lines, last }
  }
}

const texts = (from: number, to: number): ReadonlyArray<string> =>
  Array.from({ length: Math.max(0, to - from) }, (_, at) => String(from + at))
const keeps = fc.constantFrom<Keeps>('first', 'last')
const widths = fc.integer({ min: 3, max: 300 })

test('never asks for nothing, nor for more than the widest window', () => {
  fc.assert(
    fc.property(keeps, widths, fc.array(fc.nat(200), { maxLength: 6 }), (kept, widest, growth) => {
      const look = planned(kept, widest)
      let many = 0
      for (const more of growth) {
        for (const lines of look((many += more)).asked) {
          expect(lines).toBeGreaterThanOrEqual(1)
          expect(lines).toBeLessThanOrEqual(widest)
        }
      }
    }),
  )
})

test('while the windows reach back, each look adds exactly what is new, whichever end the service keeps', () => {
  fc.assert(
    fc.property(keeps, widths, fc.array(fc.nat(60), { maxLength: 6 }), (kept, widest, growth) => {
      const look = planned(kept, widest)
      let many = 0
      for (const more of growth) {
        const grown = many + more
        if (grown >= widest) break
        expect(look(grown).lines).toEqual(texts(many, grown))
        many = grown
      }
    }),
    { numRuns: 300 },
  )
})

test('where the service keeps the last lines a log of any length is read while windows overlap by two lines', () => {
  fc.assert(
    fc.property(widths, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (widest, growth) => {
      const look = planned('last', widest)
      let many = Math.ceil(widest / 2)
      look(many)
      for (const share of growth) {
        // The last line and one of another time.
        const grown = many + Math.floor(share * Math.max(0, widest - 2))
        const { lines, last } = look(grown)
        expect(lines).toEqual(texts(many, grown))
        expect(last?._tag).toBe('Fresh')
        many = grown
      }
    }),
    { numRuns: 300 },
  )
})

test('a log that grew by more than a window is missing lines, and what is there is told', () => {
  fc.assert(
    fc.property(widths, fc.integer({ min: 1, max: 300 }), (widest, missing) => {
      const look = planned('last', widest)
      const read = Math.ceil(widest / 2)
      look(read)
      const grown = read + missing + widest
      const { lines, last } = look(grown)
      expect(last).toMatchObject({ _tag: 'Missing', reason: 'window' })
      expect(lines).toEqual(texts(grown - widest, grown))
      expect(look(grown).lines).toEqual([])
    }),
  )
})

test('where the service keeps the first lines they are read, and beyond them there is nothing to ask for', () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 300 }), fc.integer({ min: 1, max: 300 }), (widest, more) => {
      const look = planned('first', widest)
      const { lines, last } = look(widest + more)
      expect(lines).toEqual(texts(0, widest))
      expect(last).toMatchObject({ _tag: 'Fresh', then: { _tag: 'beyond' } })
      expect(look(widest + 2 * more)).toEqual({ asked: [], lines: [], last: undefined })
    }),
  )
})

test('asks for little where little is new', () => {
  const look = planned('last', 5_000)
  look(1_000)
  for (let many = 1_010; many < 4_000; many += 10) {
    const { asked, lines } = look(many)
    expect(lines).toHaveLength(10)
    expect(asked.length).toBe(1)
    expect(asked[0]).toBeLessThan(50)
  }
})

test('without orderly times a window that shows no place may be an old one: it is looked at again before lines are missed', () => {
  const at = (ms: number): string => new Date(1_800_000_000_000 + ms).toISOString()
  const log = [5, 1, 6, 2, 7, 3, 8, 4, 9].map((ms, index) => ({
    source: 'stdout',
    timestamp: at(ms),
    data: `${index}`,
  }))
  const judged = (complete: boolean): ReadonlyArray<string> => {
    const position = new Position('job', start)
    const plan = new WindowPlan(position, 4)
    position.skip()
    for (const entry of log.slice(5)) position.push(entry)
    return [0, 1_000, 4_000, 5_000].map((now) => {
      let lines = plan.ask(now, complete)
      for (;;) {
        const verdict = plan.judge(log.slice(0, 5).slice(-(lines ?? 0)), lines ?? 0)
        if (verdict._tag === 'Missing') return verdict.reason
        if (verdict.then._tag !== 'ask') return verdict.then._tag
        lines = verdict.then.lines
      }
    })
  }
  expect(judged(false)).toEqual(['unsure', 'unsure', 'unsure', 'window'])
  expect(judged(true)[0]).toBe('window')
})
