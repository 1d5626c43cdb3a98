import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ambientUses, holdsOnlyTypes, importsOf } from './syntax.ts'

const folder = mkdtempSync(join(tmpdir(), 'rxjobs-syntax-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(code: string): string {
  const path = join(folder, 'file.ts')
  writeFileSync(path, code)
  return path
}

describe('the checks of the rooms', () => {
  it.each([
    'Date.now()',
    'new Date()',
    'new Date',
    'Date()',
    'setTimeout(f, 1)',
    'globalThis.setTimeout(f, 1)',
    'performance.now()',
    'const at = performance',
    'process.env',
    'const now = Date.now',
  ])('see %s', (code) => expect(ambientUses(file(code))).not.toEqual([]))

  it.each([
    'new Date(0)',
    'scheduler.now()',
    '// Date.now()',
    "'setTimeout'",
    'const a = { process: 1 }',
    'Date.parse(s)',
  ])('have nothing against %s', (code) => expect(ambientUses(file(code))).toEqual([]))

  it('see every way to import', () => {
    const code = `import a from 'a'
      import type { b } from 'b'
      export * from 'c'
      export type { d } from 'd'
      const e = await import('e')
      import 'f'`
    expect(importsOf(file(code))).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  it.each([
    [
      `import type { A } from 'a'\nexport interface B extends A {}\nexport type C = B\nexport type { D } from 'd'`,
      true,
    ],
    ['export const a = 1', false],
    [`import { a } from 'a'\nexport type A = typeof a`, false],
  ])('tell whether %j holds only types', (code, expected) => expect(holdsOnlyTypes(file(code))).toBe(expected))
})
