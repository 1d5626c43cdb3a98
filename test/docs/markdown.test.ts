import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { filesIn, fromRoot, root } from './support/files.ts'
import { type Workplace, workplace } from './support/run.ts'
import { matches, printedBy, scriptsIn, scriptsOf } from './support/scripts.ts'
import { typeCheck } from './support/type-check.ts'

const readme = join(root, 'README.md')
const changelog = join(root, 'CHANGELOG.md')
const guides = filesIn('docs', '.md')
const pages = [readme, join(root, 'CONTRIBUTING.md'), changelog, ...guides].filter((page) => existsSync(page))
const scripts = pages.flatMap(scriptsIn)

let place: Workplace
let problems: ReadonlyMap<string, ReadonlyArray<string>>
beforeAll(async () => {
  place = await workplace()
  problems = typeCheck(scripts)
}, 60_000)
afterAll(() => place.remove())

it.each(scripts)('the script at $name compiles', ({ name }) => expect(problems.get(name)).toEqual([]))

describe.each(scripts.filter(({ isRun }) => isRun))('the script at $name', ({ code, output }) => {
  // Real processes in real time: on a busy machine a status may be over before it is read.
  it('runs, asserts what it claims and prints what the page shows', { retry: 1 }, async () => {
    const printed = await printedBy(() => place.run(code))
    if (!code.includes('// =>')) expect(printed, 'it prints or asserts something').not.toEqual([])
    if (output.length > 0 && !matches(output, printed)) expect(printed).toEqual(output)
  })
})

/** The headings of a page as GitHub makes anchors of them. */
const anchorsOf = (page: string): ReadonlyArray<string> =>
  Array.from(readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm), ([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )

/** Where the links of a page lead inside the repository. */
const linksOf = (page: string) =>
  Array.from(
    readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)/g),
    ([link, path = '', anchor]) => ({
      link,
      target: path === '' ? join(root, page) : join(root, dirname(page), path),
      anchor,
    }),
  )

describe.each(pages.map(fromRoot))('%s', (page) => {
  it('links only to files and headings that exist', () => {
    const broken = linksOf(page).filter(
      ({ target, anchor }) => !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor)),
    )
    expect(broken.map(({ link }) => link)).toEqual([])
  })

  it.skipIf(/CONTRIBUTING|CHANGELOG|guarantees|faults|tail|decisions|benchmarks/.test(page))(
    'links, as a page for users, only to what the package contains',
    () => {
      const isPackaged = ({ target }: { readonly target: string }) =>
        /^((src|sandbox|docs|examples)(\/|$)|[A-Z]+(\.md)?$)/.test(fromRoot(target))
      expect(linksOf(page).filter((link) => !isPackaged(link))).toEqual([])
    },
  )
})

describe('the front page', () => {
  const lines = readFileSync(readme, 'utf8').split('\n')

  it('has at most 200 lines and shows the two commands where it opens', () => {
    expect(lines.length).toBeLessThanOrEqual(201)
    const opening = lines.slice(0, 20).join('\n')
    expect(opening).toContain('npm ci && npm start')
    expect(opening).toContain('npm cit')
  })

  it('leads to every page', () => {
    const text = lines.join('\n')
    expect(guides.map(fromRoot).filter((page) => !text.includes(`(${page})`))).toEqual([])
  })
})

describe('the page on a service of your own', () => {
  const [script] = scriptsIn(join(root, 'docs/your-own-service.md')).filter(({ code }) =>
    code.includes('githubActions('),
  )
  const lines = (code: string): ReadonlyArray<string> => code.split('\n').filter((line) => line.trim() !== '')

  it('explains the example, piece by piece', () => {
    const example = lines(readFileSync(join(root, 'examples/github-actions.ts'), 'utf8'))
    expect(lines(script?.code ?? '').slice(0, example.length)).toEqual(example)
  })
})

describe('the check of the pages', () => {
  it('joins a block to the script that it continues, and takes the text below a block for its output', () => {
    const text =
      '```ts\nimport "a"\n```\n\n```text\n1\n```\n\nprose\n\n```ts\nmore()\n```\n\nprose\n\n```text\nno output\n```\n'
    expect(scriptsOf('page', text)).toEqual([
      { name: 'page:1', code: 'import "a"\nmore()\n', output: ['1'], isRun: true },
    ])
  })

  it('does not run what is marked so', () => {
    expect(scriptsOf('page', '```ts no-run\nimport "a"\n```\n')).toMatchObject([{ isRun: false }])
  })

  it('refuses a block that continues no script', () => {
    expect(() => scriptsOf('page', '```ts\nmore()\n```\n')).toThrow('page:1 continues no script')
  })

  it.each([
    [['a', 'b'], ['a', 'b'], true],
    [['a', 'b'], ['a'], false],
    [['a'], ['a', 'b'], false],
    [['a (…)'], ['a (12 ms)'], true],
    [['a', '…', 'z'], ['a', 'b', 'c', 'z'], true],
    [['a', '…', 'z'], ['a', 'z'], true],
    [['a', '…', 'z'], ['a', 'b'], false],
    [['a.c'], ['abc'], false],
  ])('compares %j with %j: %j', (expected, printed, same) => expect(matches(expected, printed)).toBe(same))
})
