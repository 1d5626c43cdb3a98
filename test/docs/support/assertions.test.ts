import { describe, expect, it } from 'vitest'
import { withAssertions } from './assertions.ts'
import { docstringExamples, markdownExamples } from './examples.ts'
import { filesIn } from './files.ts'
import { workplace } from './run.ts'
import { typeCheck } from './type-check.ts'

async function outcome(code: string): Promise<string> {
  const place = await workplace()
  try {
    await place.run(code)
    return 'fine'
  } catch (error) {
    return error instanceof Error ? error.name : 'thrown'
  } finally {
    await place.remove()
  }
}

describe('the checks of the examples', () => {
  it.each([
    ['1 + 1 // => 2', 'fine'],
    ['1 + 1 // => 3', 'AssertionError'],
    ['const two = 2 // => 2', 'fine'],
    ['const two = 2 // => 3', 'AssertionError'],
    ['const it = { a: [1] }\nit // => { a: [1] }\nit.a // => [1]', 'fine'],
    ['const it = { a: [1] }\nit // => { a: [1] }\nit.a // => []', 'AssertionError'],
    ['await Promise.resolve("x") // => "x"', 'fine'],
    ['[1, 2]\n  .map((n) => n + 1)\n  .join() // => "2,4"', 'AssertionError'],
    ['null.x', 'TypeError'],
  ])('%j is %s', async (code, expected) => expect(await outcome(code)).toBe(expected))

  it('count what they assert', () => expect(withAssertions('1 // => 1\n2\n3 // => 3').assertions).toBe(2))

  it.each(['// => 2', 'if (true) {\n  1 // => 2\n}', 'const a = 1, b = 2 // => 2'])(
    'refuse a claim that nothing would check: %j',
    (code) => expect(() => withAssertions(code)).toThrow('stand behind no statement'),
  )

  it('find what does not compile', () => {
    const examples = [
      { name: 'good', code: `import { isFinal } from 'rxjobs'\nconst over = isFinal('failed')` },
      { name: 'bad', code: `import { isFinal } from 'rxjobs'\n\nconst over: string = isFinal('failed')` },
      { name: 'a module of its own', code: 'const over = 1' },
    ]
    const found = typeCheck(examples)
    expect(found.get('good')).toEqual([])
    expect(found.get('bad')?.join()).toMatch(/^line 3 of the example: /)
    expect(found.get('a module of its own')).toEqual([])
  })

  it('see every fence there is', () => {
    const sources = ['src/core', 'src/streams', 'src/apis'].flatMap((room) => filesIn(room))
    const seen = sources.flatMap(docstringExamples)
    expect(seen.length).toBeGreaterThan(20)
    for (const { code } of seen) expect(code.trim()).not.toBe('')
    expect(
      filesIn('', 'README.md')
        .flatMap(markdownExamples)
        .every(({ code }) => !code.includes('```')),
    ).toBe(true)
  })
})
