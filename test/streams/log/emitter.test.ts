import fc from 'fast-check'
import { type LogElement, type LogEntry } from 'rxjobs'
import { expect, test } from 'vitest'
import { start } from '../../../src/streams/log/cursor.ts'
import { type Emitter, emitter } from '../../../src/streams/log/emitter.ts'
import { Position } from '../../../src/streams/log/position.ts'

const longest = 3
const entry = (data: string): LogEntry => ({ source: 'stdout', timestamp: '2026-11-22T09:30:00Z', data })

function made(): { readonly emit: Emitter<string>; readonly position: Position<string> } {
  const position = new Position('job', start)
  return { position, emit: emitter('job', position, longest) }
}

/** What an emitter is told: lines, or that some are missing. */
type Step = ReadonlyArray<string> | 'missing'

const steps: fc.Arbitrary<ReadonlyArray<Step>> = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.array(fc.string({ maxLength: longest + 1 }), { maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constant<Step>('missing') },
  ),
  { maxLength: 8 },
)

const run = (emit: Emitter<string>, told: ReadonlyArray<Step>): ReadonlyArray<LogElement<string>> =>
  told.flatMap((step) => (step === 'missing' ? emit.gap('window', undefined) : emit.lines(step.map(entry))))

test('each entry is one line, or a gap where it is too long, and both are counted', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 2 * longest })), (texts) => {
      const { emit, position } = made()
      const elements = emit.lines(texts.map(entry))
      expect(elements.map((element) => (element._tag === 'Line' ? element.data : element.reason))).toEqual(
        texts.map((text) => (text.length > longest ? 'too-long' : text)),
      )
      expect(elements.map(({ cursor }) => cursor.count)).toEqual(texts.map((_, index) => index + 1))
      expect(position.count).toBe(texts.length)
      expect(position.counted).toBe(true)
    }),
  )
})

test('a gap tells the last line that was emitted before it, never one that was left out', () => {
  fc.assert(
    fc.property(steps, (told) => {
      const { emit } = made()
      const elements = run(emit, told)
      for (const [index, element] of elements.entries()) {
        if (element._tag !== 'Gap') continue
        const last = [...elements.slice(0, index)].reverse().find(({ _tag }) => _tag === 'Line')
        expect(element.before).toEqual(last === undefined ? { _tag: 'None' } : { _tag: 'Some', value: last })
      }
    }),
  )
})

test('missing lines are told once until a line comes', () => {
  fc.assert(
    fc.property(steps, (told) => {
      const { emit } = made()
      const elements = run(emit, told)
      const reasons = elements.map((element) => (element._tag === 'Gap' ? element.reason : 'line'))
      const expected = told.reduce<ReadonlyArray<string>>(
        (all, step) =>
          step === 'missing'
            ? all[all.length - 1] === 'window'
              ? all
              : [...all, 'window']
            : [...all, ...step.map(({ length }) => (length > longest ? 'too-long' : 'line'))],
        [],
      )
      expect(reasons).toEqual(expected)
    }),
  )
})

test('behind a gap the cursor says that lines are missing, and the first entry after it is shown but not taken', () => {
  const { emit, position } = made()
  emit.lines([entry('a')])
  const after = entry('z')
  expect(emit.gap('ambiguous', after)).toEqual([
    expect.objectContaining({ _tag: 'Gap', ref: 'job', reason: 'ambiguous', after: { _tag: 'Some', value: after } }),
  ])
  expect(position.cursor).toMatchObject({ count: 1, gaps: true })
  expect(emit.lines([after])).toMatchObject([{ index: 1, data: 'z', cursor: { count: 2, gaps: true } }])
})

test('a gap at the end of what is known keeps the place: what comes next may yet be found', () => {
  const { emit, position } = made()
  emit.lines([entry('a'), entry('b')])
  expect(emit.gap('ambiguous', undefined)).toMatchObject([{ _tag: 'Gap', cursor: { count: 2, at: 2 } }])
  expect([position.known, position.counted]).toEqual([2, true])
  // Not found after all: the gap was told, and now lines are missing.
  expect(emit.gap('window', entry('z'))).toEqual([])
  expect([position.known, position.counted]).toEqual([0, false])
})
