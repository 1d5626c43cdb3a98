import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { type Command, type Running, run } from '../../../sandbox/process/run.ts'
import { isAlive, until } from '../support.ts'

interface Heard {
  readonly running: Running
  readonly lines: string[]
  readonly ended: Promise<number>
}

const watched: string[] = []
const warden = {
  watch: (pid: number) => void watched.push(`+${pid}`),
  release: (pid: number) => void watched.push(`-${pid}`),
  close: () => Promise.resolve(),
}

function start(file: string, args: string[], env: Record<string, string> = {}): Heard {
  const lines: string[] = []
  let resolve: (exitCode: number) => void = () => undefined
  const ended = new Promise<number>((done) => {
    resolve = done
  })
  const command: Command = { file, args, cwd: tmpdir(), env }
  const running = run(command, warden, {
    line: (source, data) => lines.push(`${source} ${data}`),
    end: (exitCode) => resolve(exitCode),
  })
  return { running, lines, ended }
}

test('hears both streams and the exit code, and tells the warden of the process', async () => {
  const { running, lines, ended } = start('sh', ['-c', 'echo out; echo err >&2; echo $WORD; exit 7'], { WORD: 'given' })
  expect(await ended).toBe(7)
  expect(lines.filter((line) => line.startsWith('stdout'))).toEqual(['stdout out', 'stdout given'])
  expect(lines).toContain('stderr err')
  expect(watched).toEqual(expect.arrayContaining([`+${running.pid}`, `-${running.pid}`]))
})

test('a child does not see the environment of its parent', async () => {
  process.env['SANDBOX_TEST_SECRET'] = 'hidden'
  const { lines, ended } = start('sh', ['-c', 'echo "[$SANDBOX_TEST_SECRET]"'])
  await ended
  delete process.env['SANDBOX_TEST_SECRET']
  expect(lines).toEqual(['stdout []'])
})

test('a signal reaches the whole group and shows in the exit code', async () => {
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

test('what a process leaves behind in its group is killed when it ends', async () => {
  const { lines, ended } = start('sh', ['-c', 'sleep 60 & echo "$!"'])
  expect(await ended).toBe(0)
  await until(
    () => isAlive(Number(lines[0]?.split(' ')[1])),
    (alive) => !alive,
  )
})

test('what cannot be started says why and ends with 127', async () => {
  const { running, lines, ended } = start('no-such-program', [])
  expect(await ended).toBe(127)
  expect(running.pid).toBe(0)
  expect(lines.join()).toContain('ENOENT')
  running.kill('SIGKILL')
})
