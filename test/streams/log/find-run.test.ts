import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runFinder } from '../../../src/streams/log/find-run.ts'

// Few letters, so that runs overlap themselves and are almost found.
const letters = fc.array(fc.constantFrom('a', 'b'), { maxLength: 30 })
const run = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 6 })

/** Every place of the run, by looking at each. */
const places = (lines: ReadonlyArray<string>, pattern: ReadonlyArray<string>): ReadonlyArray<number> =>
  lines.flatMap((_, at) => (pattern.every((line, index) => lines[at + index] === line) ? [at] : []))

test('gives exactly the lines before the first place, and counts every place', () => {
  fc.assert(
    fc.property(letters, run, fc.nat(30), (drawn, pattern, at) => {
      // Half of the time the run is put in somewhere.
      const lines = at % 2 === 0 ? drawn : [...drawn.slice(0, at), ...pattern, ...drawn.slice(at)]
      const finder = runFinder(pattern)
      const passed = lines.flatMap((line) => finder.push(line))
      const expected = places(lines, pattern)
      expect(finder.found()).toBe(expected.length)
      expect(passed).toEqual(expected.length > 0 ? lines.slice(0, expected[0]) : lines.slice(0, passed.length))
      expect([...passed, ...finder.held()]).toEqual(expected.length > 0 ? lines.slice(0, expected[0]) : lines)
    }),
    { numRuns: 2_000 },
  )
})

test('until it is found, what passed and what is held are what came, and what is held may still be the run', () => {
  fc.assert(
    fc.property(letters, run, (lines, pattern) => {
      const finder = runFinder(pattern)
      const passed: Array<string> = []
      for (const [index, line] of lines.entries()) {
        passed.push(...finder.push(line))
        if (finder.found() > 0) break
        const came = lines.slice(0, index + 1)
        expect([...passed, ...finder.held()]).toEqual(came)
        // No line is held that cannot be part of a run to come, and none passed that still could.
        const ends = (length: number): boolean =>
          came.slice(-length).join('') === pattern.slice(0, length).join('') && length <= came.length
        const longest = pattern.map((_, at) => pattern.length - at).find(ends) ?? 0
        expect(finder.held()).toHaveLength(longest)
      }
    }),
  )
})

test('an empty run is never found and holds nothing back', () => {
  fc.assert(
    fc.property(letters, (lines) => {
      const finder = runFinder([])
      expect(lines.flatMap((line) => finder.push(line))).toEqual(lines)
      expect([finder.found(), finder.held()]).toEqual([0, []])
    }),
  )
})
