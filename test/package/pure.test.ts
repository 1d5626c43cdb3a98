import { expect, test } from 'vitest'
import { annotated } from '../../scripts/pure.ts'

const mark = '/* @__PURE__ */ '

test('marks the calls that initialize constants, nested ones included', () => {
  const code = `export const One: Codec = struct({ a: list(text) }), two = new Map()\nconst three = 1 + sqrt(five)\n`
  expect(annotated('a.ts', code)).toBe(
    `export const One: Codec = ${mark}struct({ a: ${mark}list(text) }), two = ${mark}new Map()\nconst three = 1 + ${mark}sqrt(five)\n`,
  )
})

test('does not touch code that runs later', () => {
  const code = `const f = () => g()\nfunction h() { return g() }\nclass A { b = g() }\nconst o = { m() { g() }, f: function () { g() } }\n`
  expect(annotated('a.ts', code)).toBe(code)
})

test('marks a chain of calls once, and a function that is called at once as a whole', () => {
  expect(annotated('a.ts', 'const a = b.c(d()).e()\nconst f = (() => g())()\n')).toBe(
    `const a = ${mark}b.c(${mark}d()).e()\nconst f = ${mark}(() => g())()\n`,
  )
})

test('wraps constants that spread an object or read a property, because a getter could run', () => {
  expect(annotated('a.ts', 'const a = { ...b, c: () => d.e }\nconst f: G = `${h[1]} or ${i()}`\n')).toBe(
    `const a = ${mark}(() => ({ ...b, c: () => d.e }))()\nconst f: G = ${mark}(() => (\`\${h[1]} or \${${mark}i()}\`))()\n`,
  )
})
