import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { markdownExamples } from './support/examples.ts'
import { root } from './support/files.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const guide = read('docs/add-a-service.md')
const blocks = markdownExamples(join(root, 'docs/add-a-service.md')).map(({ code }) => code)
const lines = (code: string): ReadonlyArray<string> => code.split('\n').filter((line) => line.trim() !== '')

describe('the guide "add a service"', () => {
  const use = blocks.findIndex((code) => code.startsWith('start({'))

  it('is the example in pieces, in order', () => {
    expect(lines(blocks.slice(0, use).join('\n'))).toEqual(lines(read('examples/github-actions.ts')))
  })

  it('uses it as an example does', () => {
    expect(read('examples/github-run.ts')).toContain(blocks[use])
  })

  it('shows the laws as they are run on it', () => {
    expect(read('test/examples/github-actions.test.ts')).toContain(blocks.at(-1))
  })

  it('has seven steps and less than 120 lines', () => {
    expect(guide.match(/^## \d\. /gm)).toHaveLength(7)
    expect(lines(read('examples/github-actions.ts')).length).toBeLessThan(120)
  })
})
