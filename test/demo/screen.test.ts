import { PassThrough, Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, expect, test, vi } from 'vitest'
import { liveScreen, plainScreen, screenFor } from '../../demo/screen.ts'
import { painter } from '../../demo/text.ts'

/** The parts of a terminal that a spinner needs; keeps what is written to it. */
class Terminal extends Writable {
  readonly isTTY = true
  readonly columns = 120
  written = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString()
    done()
  }
  cursorTo(): boolean {
    return true
  }
  moveCursor(): boolean {
    return true
  }
  clearLine(): boolean {
    return true
  }
}

afterEach(() => vi.unstubAllEnvs())

test('lines stay, and the spinner shows the jobs that still run', () => {
  vi.stubEnv('CI', undefined)
  vi.stubEnv('TERM', 'xterm-256color')
  const terminal = new Terminal()
  const screen = liveScreen(terminal, ['one', 'two'], painter(false))
  const since = (act: () => void): string => {
    terminal.written = ''
    act()
    return stripVTControlCharacters(terminal.written)
  }

  const first = since(() =>
    screen.show({ name: 'one', at: 0, update: { kind: 'status', text: '\u001b[2JRunning\r\n' } }),
  )
  expect(first).toContain('one  Running\n')
  expect(first).toContain(' one Running  two submitting')
  const second = since(() =>
    screen.show({ name: 'one', at: 0, update: { kind: 'end', end: 'succeeded', reasons: [] } }),
  )
  expect(second).toContain('one  succeeded\n')
  expect(second).toContain(' two submitting')
  expect(second).not.toContain('one Running')
  screen.close()
  expect(since(() => terminal.write('after\n'))).toBe('after\n')
})

test('without colors the spinner has none', () => {
  vi.stubEnv('CI', undefined)
  vi.stubEnv('TERM', 'xterm-256color')
  const terminal = new Terminal()
  liveScreen(terminal, ['one'], painter(false)).close()
  expect(terminal.written).toContain('one submitting')
  expect(terminal.written).not.toMatch(/\x1b\[3\dm/)
})

test('a spinner on a terminal with a size, plain lines everywhere else', () => {
  const output = (properties: { isTTY?: boolean; columns?: number }) => Object.assign(new PassThrough(), properties)
  expect(screenFor(output({ isTTY: true, columns: 100 }))).toBe(liveScreen)
  expect(screenFor(output({ isTTY: true, columns: 0 }))).toBe(plainScreen)
  expect(screenFor(output({}))).toBe(plainScreen)
})
