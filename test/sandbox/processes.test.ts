import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Command, LineSplitter, run, type Running } from '../../sandbox/process/process.ts'
import { createGuard, Workplace } from '../../sandbox/process/workplace.ts'
import { isAlive, until } from './support.ts'

describe('lines', () => {
  function split(...chunks: Buffer[]): string[] {
    const lines: string[] = []
    const splitter = new LineSplitter((line) => lines.push(line))
    for (const chunk of chunks) splitter.push(chunk)
    splitter.end()
    return lines
  }

  test('gives the same lines for all chunks', () => {
    const text = Buffer.from('één\r\nzwei 🎈\n\nlast')
    const whole = split(text)
    expect(whole).toEqual(['één', 'zwei 🎈', '', 'last'])
    for (let at = 0; at <= text.length; at += 1) expect(split(text.subarray(0, at), text.subarray(at))).toEqual(whole)
    expect(split(...[...text].map((byte) => Buffer.of(byte)))).toEqual(whole)
  })

  test('a newline at the end begins no line', () => {
    expect(split(Buffer.from('a\n'))).toEqual(['a'])
    expect(split()).toEqual([])
  })

  test('emits a line without an end in pieces', () => {
    const lines = split(Buffer.alloc(3 << 20, 'x'))
    expect(lines.length).toBeGreaterThan(1)
    expect(lines.join('')).toBe('x'.repeat(3 << 20))
  })
})

describe('a process', () => {
  interface Heard {
    readonly running: Running
    readonly lines: string[]
    readonly ended: Promise<number>
  }

  const watched: string[] = []
  const groups = {
    watch: (pid: number) => void watched.push(`+${pid}`),
    release: (pid: number) => void watched.push(`-${pid}`),
  }

  function start(file: string, args: string[], env: Record<string, string> = {}): Heard {
    const lines: string[] = []
    let resolve: (exitCode: number) => void = () => undefined
    const ended = new Promise<number>((done) => {
      resolve = done
    })
    const command: Command = { file, args, cwd: tmpdir(), env }
    const running = run(command, groups, {
      lines: (source, batch) => void lines.push(...batch.map((data) => `${source} ${data}`)),
      end: (exitCode) => resolve(exitCode),
    })
    return { running, lines, ended }
  }

  test('gives the lines of both streams and the exit code, and reports the group', async () => {
    const { running, lines, ended } = start('sh', ['-c', 'echo out; echo err >&2; echo $WORD; exit 7'], {
      WORD: 'given',
    })
    expect(await ended).toBe(7)
    expect(lines.filter((line) => line.startsWith('stdout'))).toEqual(['stdout out', 'stdout given'])
    expect(lines).toContain('stderr err')
    expect(watched).toEqual(expect.arrayContaining([`+${running.pid}`, `-${running.pid}`]))
  })

  test('does not inherit the environment', async () => {
    process.env['SANDBOX_TEST_SECRET'] = 'hidden'
    const { lines, ended } = start('sh', ['-c', 'echo "[$SANDBOX_TEST_SECRET]"'])
    await ended
    delete process.env['SANDBOX_TEST_SECRET']
    expect(lines).toEqual(['stdout []'])
  })

  test('a signal reaches the whole group and is in the exit code', async () => {
    const { running, lines, ended } = start('sh', ['-c', 'sleep 60 & echo "$!"; wait'])
    const line = await until(
      () => lines[0],
      (first) => first !== undefined,
    )
    running.kill('SIGTERM')
    expect(await ended).toBe(143)
    const grandchild = Number(line?.split(' ')[1])
    await until(
      () => isAlive(grandchild),
      (alive) => !alive,
    )
  })

  test('the rest of its group is killed when a process ends', async () => {
    const { lines, ended } = start('sh', ['-c', 'sleep 60 & echo "$!"'])
    expect(await ended).toBe(0)
    await until(
      () => isAlive(Number(lines[0]?.split(' ')[1])),
      (alive) => !alive,
    )
  })

  test('a command that cannot be started ends with 127 and a message', async () => {
    const { running, lines, ended } = start('no-such-program', [])
    expect(await ended).toBe(127)
    expect(running.pid).toBe(0)
    expect(lines.join()).toContain('ENOENT')
    running.kill('SIGKILL')
  })
})

describe('the guard', () => {
  test('kills the watched groups, not the released ones, and removes the directory', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'guard-'))
    const guard = createGuard(directory)
    const start = (): ReturnType<typeof spawn> => spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
    const [watched, released] = [start(), start()]
    for (const { pid } of [watched, released]) guard.watch(pid ?? 0)
    guard.release(released.pid ?? 0)
    const gone = once(watched, 'exit')
    await guard.close()
    expect(await gone).toEqual([null, 'SIGKILL'])
    expect(released.exitCode).toBeNull()
    expect(existsSync(directory)).toBe(false)
    released.kill('SIGKILL')
    await once(released, 'exit')
  })
})

describe('the workplace', () => {
  test('close kills and awaits the processes, removes the directory, and refuses new ones', async () => {
    const workplace = new Workplace()
    const cwd = await workplace.inNewDirectory((directory) => Promise.resolve(directory))
    const codes: number[] = []
    const command = { file: 'sleep', args: ['60'], cwd, env: {} }
    const listener = { lines: () => undefined, end: (exitCode: number) => void codes.push(exitCode) }
    workplace.run(command, listener)
    workplace.run(command, listener)
    await workplace.close()
    expect(codes).toEqual([137, 137])
    expect(existsSync(dirname(cwd))).toBe(false)
    expect(() => workplace.run(command, listener)).toThrow('closed')
    await expect(workplace.inNewDirectory(() => Promise.resolve())).rejects.toThrow('closed')
  })
})
