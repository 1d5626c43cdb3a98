import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { markdownExamples } from './support/examples.ts'
import { filesIn, fromRoot, root } from './support/files.ts'
import { type Workplace, workplace } from './support/run.ts'
import { typeCheck } from './support/type-check.ts'

const readme = join(root, 'README.md')
const front = [readme, join(root, 'CONTRIBUTING.md')].filter((path) => existsSync(path))
const guides = filesIn('docs', '.md')

// On the front pages every block must stand by itself; in a guide one that imports nothing is a fragment.
const examples = [
  ...front.flatMap(markdownExamples),
  ...guides.flatMap(markdownExamples).filter(({ code }) => /^import /m.test(code)),
]
const asserting = examples.filter(({ code }) => code.includes('// =>'))

let place: Workplace
let problems: ReadonlyMap<string, ReadonlyArray<string>>
beforeAll(async () => {
  place = await workplace()
  problems = typeCheck(examples)
}, 60_000)
afterAll(() => place.remove())

describe('the pages', () => {
  it.runIf(existsSync(readme))('begin with a README that shows code', () => {
    expect(markdownExamples(readme)).not.toEqual([])
  })

  it.each(examples.map(({ name }) => name))('the example at %s compiles', (name) => {
    expect(problems.get(name)).toEqual([])
  })

  it.each(asserting)('what the example at $name claims is so', ({ code }) => place.run(code))

  it.each([...front, join(root, 'CHANGELOG.md'), ...guides].map(fromRoot))(
    '%s links only to files that exist',
    (page) => {
      const text = readFileSync(join(root, page), 'utf8')
      const targets = Array.from(text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g), (match) => match[1] ?? '')
      expect(targets.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([])
    },
  )
})
