import { expect, test } from 'vitest'
import { annotated } from '../../scripts/pure.ts'

const mark = '/* @__PURE__ */ '

test('calls that give constants their values are marked, those inside of them, too', () => {
  const code = `export const One: Codec = struct({ a: list(text) }), two = new Map()\nconst three = 1 + Math.sqrt(five)\n`
  expect(annotated('a.ts', code)).toBe(
    `export const One: Codec = ${mark}struct({ a: ${mark}list(text) }), two = ${mark}new Map()\nconst three = 1 + ${mark}Math.sqrt(five)\n`,
  )
})

test('what runs later is left alone', () => {
  const code = `const f = () => g()\nfunction h() { return g() }\nclass A { b = g() }\nconst o = { m() { g() }, f: function () { g() } }\n`
  expect(annotated('a.ts', code)).toBe(code)
})

test('one chain of calls is marked once, a function that is called at once is marked as a whole', () => {
  expect(annotated('a.ts', 'const a = b.c(d()).e()\nconst f = (() => g())()\n')).toBe(
    `const a = ${mark}b.c(${mark}d()).e()\nconst f = ${mark}(() => g())()\n`,
  )
})
