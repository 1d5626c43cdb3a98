import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openWorkplace } from '../../../sandbox/process/workplace.ts'

test('closing kills what runs, waits for it, removes the directory, and lets nothing start', async () => {
  const workplace = await openWorkplace()
  const codes: number[] = []
  const command = { file: 'sleep', args: ['60'], cwd: workplace.root, env: {} }
  const listener = { line: () => undefined, end: (exitCode: number) => void codes.push(exitCode) }
  workplace.run(command, listener)
  workplace.run(command, listener)
  await workplace.close()
  expect(codes).toEqual([137, 137])
  expect(existsSync(workplace.root)).toBe(false)
  expect(() => workplace.run(command, listener)).toThrow('closed')
  await expect(workplace.newDirectory()).rejects.toThrow('closed')
})
