import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ambientUses, importCycles, importsOf, longFunctions } from './syntax.ts'

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

  it('count lines of code, neither blank lines nor comments', () => {
    const path = file(
      'function f() {\n\n  // a comment\n  /** another\n   * one */\n  const a = `x\n\ny`\n  return a\n}\n',
    )
    expect(longFunctions(path, 6)).toEqual([])
    expect(longFunctions(path, 5)).toEqual(['1: f (6)'])
  })

  it('find each long function by its own length, methods and closures included', () => {
    const path = file('class A {\n  b() {\n    return () => {\n      return 1\n    }\n  }\n}\n')
    expect(longFunctions(path, 2)).toEqual(['2: b (5)', '3: anonymous (3)'])
  })

  it('find imports in a circle, those of types included', () => {
    const paths = ['a', 'b', 'c', 'd'].map((name) => join(folder, `${name}.ts`))
    const [a = '', b = '', c = '', d = ''] = paths
    writeFileSync(a, `import type { B } from './b.ts'`)
    writeFileSync(b, `export * from './c.ts'`)
    writeFileSync(c, `import { a } from './a.ts'`)
    writeFileSync(d, `import { a } from './a.ts'`)
    expect(importCycles(paths)).toEqual([[a, b, c]])
    expect(importCycles([a, b, d])).toEqual([])
  })
})
