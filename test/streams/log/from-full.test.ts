import fc from 'fast-check'
import { concat, from, NEVER, Observable, take, throwError } from 'rxjs'
import { type Cursor, type LogEntry, NetworkError } from 'rxjobs'
import { expect, test } from 'vitest'
import { start } from '../../../src/streams/log/cursor.ts'
import { fromFull } from '../../../src/streams/log/from-full.ts'
import { Position } from '../../../src/streams/log/position.ts'

type Texts = ReadonlyArray<string>

const line = (data: string): LogEntry => ({ source: 'stdout', timestamp: '2026-11-22T09:30:00Z', data })
const texts = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 })
const some = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })

function after(log: Texts, cursor: Cursor = start): Position<string> {
  const position = new Position('job', cursor)
  for (const data of log) position.push(line(data))
  return position
}

/** What a download comes to: its lines, how it ended, and whether it ended so once. */
function read(
  full: Observable<string>,
  position: Position<string>,
  window: Texts,
  complete: boolean,
): { readonly lines: Texts; readonly ends: ReadonlyArray<string>; readonly state: unknown } {
  const lines: Array<string> = []
  const ends: Array<string> = []
  let state: unknown = 'open'
  fromFull(full, position, window.map(line), complete).subscribe({
    next: ({ entries, end }) => {
      for (const { source, timestamp, data } of entries) {
        expect([source, timestamp]).toEqual(['', ''])
        lines.push(data)
      }
      if (end !== undefined) ends.push(end._tag === 'joined' ? `joined from ${end.from}` : end._tag)
    },
    error: (error: unknown) => (state = error),
    complete: () => (state = 'complete'),
  })
  return { lines, ends, state }
}

const places = (log: Texts, run: Texts): ReadonlyArray<number> =>
  log.flatMap((_, at) => (run.every((text, index) => log[at + index] === text) ? [at] : []))

test('gives the lines between the position and the window, and says whether there is one place for it, and which', () => {
  fc.assert(
    fc.property(texts, texts, some, texts, (emitted, missing, window, rest) => {
      const fresh = [...missing, ...window, ...rest]
      const log = [...emitted, ...fresh]
      const [first = 0, ...others] = places(log, window)
      const { lines, ends, state } = read(from(log), after(emitted), window, true)
      expect(lines).toEqual(log.slice(emitted.length, Math.max(emitted.length, first)))
      const joined = `joined from ${Math.max(0, emitted.length - first)}`
      expect([ends, state]).toEqual([[others.length > 0 ? 'several' : joined], 'complete'])
    }),
    { numRuns: 500 },
  )
})

test('without a window, or without its place, the lines go on to the end', () => {
  fc.assert(
    fc.property(texts, texts, fc.constantFrom<Texts>([], ['x'], ['a', 'x']), (emitted, fresh, window) => {
      const { lines, ends } = read(from([...emitted, ...fresh]), after(emitted), window, true)
      expect([lines, ends]).toEqual([fresh, ['open']])
    }),
  )
})

test('while the log is written its last line may be half a line and is left out', () => {
  fc.assert(
    fc.property(texts, texts, fc.string({ maxLength: 3 }), (emitted, fresh, half) => {
      const { lines, ends } = read(from([...emitted, ...fresh, half]), after(emitted), [], false)
      expect([lines, ends]).toEqual([fresh, ['open']])
    }),
  )
})

test('a last line that completes the window is no half line', () => {
  fc.assert(
    fc.property(texts, texts, some, (emitted, missing, texts) => {
      const window = [...texts, 'last']
      const { lines, ends } = read(from([...emitted, ...missing, ...window]), after(emitted), window, false)
      expect([lines, ends]).toEqual([missing, ['joined from 0']])
    }),
  )
})

test('a download with another line among those emitted is another log, and nothing is taken from it', () => {
  fc.assert(
    fc.property(some, texts, fc.nat(), fc.boolean(), (emitted, fresh, at, resumed) => {
      const other = emitted.map((text, index) => (index === at % emitted.length ? 'x' : text))
      const position = resumed ? after([], after(emitted).cursor) : after(emitted)
      const { lines, ends, state } = read(from([...other, ...fresh]), position, [], true)
      expect([lines, ends, state]).toEqual([[], ['apart'], 'complete'])
    }),
  )
})

test('from a cursor the lines before it are checked by its digest and not given again', () => {
  fc.assert(
    fc.property(texts, texts, (emitted, fresh) => {
      const resumed = after([], after(emitted).cursor)
      const { lines, ends } = read(from([...emitted, ...fresh]), resumed, [], true)
      expect([lines, ends]).toEqual([fresh, ['open']])
    }),
  )
})

test('cursors of the lines that it adds are those of a reader that never stopped', () => {
  fc.assert(
    fc.property(texts, texts, (emitted, fresh) => {
      const resumed = after([], after(emitted).cursor)
      for (const data of read(from([...emitted, ...fresh]), resumed, [], true).lines) resumed.push(line(data))
      const { digest, count } = after([...emitted, ...fresh]).cursor
      expect(resumed.cursor).toMatchObject({ digest, count })
    }),
  )
})

test('another log is left as soon as that is known', () => {
  let left = false
  const endless = new Observable<string>((subscriber) => {
    subscriber.add(() => (left = true))
    subscriber.add(concat(from(['a', 'x', 'c', 'd']), NEVER).subscribe(subscriber))
  })
  expect(read(endless, after(['a', 'b', 'c']), [], true)).toEqual({ lines: [], ends: ['apart'], state: 'complete' })
  expect(left).toBe(true)
})

test('a download of many lines comes in parts before it is over', () => {
  const many = Array.from({ length: 5_000 }, (_, at) => String(at))
  const begun = read(concat(from(many), NEVER), after(many.slice(0, 7)), [], true)
  expect(begun.lines.length).toBeGreaterThan(4_000)
  expect(begun.lines).toEqual(many.slice(7, 7 + begun.lines.length))
  expect([begun.ends, begun.state]).toEqual([[], 'open'])
})

test('a download that fails fails', () => {
  const cut = new NetworkError({ method: 'GET', path: '/log', cause: 'cut off' })
  expect(
    read(
      concat(
        from(['a']),
        throwError(() => cut),
      ),
      after([]),
      [],
      true,
    ),
  ).toMatchObject({ ends: [], state: cut })
})

test('a download that ends before what was emitted, in mid-line too, is an old one and no other log', () => {
  const emitted = ['one', 'two', 'three', 'four', 'five']
  for (const position of [after(emitted), after([], after(emitted).cursor)]) {
    for (const window of [[], ['two', 'three', 'four', 'five', 'six']]) {
      expect(read(from(['one', 'two', 'th']), position, window, false)).toMatchObject({ lines: [], ends: ['open'] })
    }
  }
})

test('a download that comes in one go is left where its reader leaves', () => {
  let given = 0
  const endless = new Observable<string>((subscriber) => {
    while (!subscriber.closed && given < 100_000) subscriber.next(`line ${given++}`)
  })
  fromFull(endless, new Position('job', start), [], true).pipe(take(1)).subscribe()
  expect(given).toBeLessThan(2_000)
})
