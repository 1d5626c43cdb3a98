import { expect, test } from 'vitest'
import { help, readFlags } from '../../sandbox/flags.ts'

test('without flags everything has its default', () => {
  expect(readFlags([])).toEqual({ port: 0, tail: { framing: 'ndjson', replay: 'all' }, log: { keeps: 'last' } })
})

test('flags become options', () => {
  expect(readFlags(['--port', '8080', '--framing', 'sse', '--replay', '20', '--keeps', 'first'])).toEqual({
    port: 8080,
    tail: { framing: 'sse', replay: 20 },
    log: { keeps: 'first' },
  })
  expect(readFlags(['--replay', 'none'])).toMatchObject({ tail: { replay: 'none' } })
  expect(readFlags(['--help'])).toBe('help')
})

test.each([
  ['--port', '70000'],
  ['--framing', 'xml'],
  ['--replay', 'some'],
  ['--keeps', 'middle'],
])('%s %s is refused by name', (flag, value) => {
  expect(() => readFlags([flag, value])).toThrow(flag)
})

test('the help names every flag', () => {
  for (const flag of ['--port', '--framing', '--replay', '--keeps']) expect(help).toContain(flag)
  expect(() => readFlags(['--nothing'])).toThrow()
})
