import { readFileSync } from 'node:fs'
import { fromRoot } from './files.ts'

/** A piece of TypeScript that the documentation shows. */
export interface Example {
  /** Where its fence opens: `src/streams/cadence.ts:27`. */
  readonly name: string
  readonly code: string
}

const docstring = /^[ \t]*\/\*\*[\s\S]*?\*\//gm
const fenced = /^```ts\n([\s\S]*?)^```$/gm

const lineOf = (text: string, index: number): number => text.slice(0, index).split('\n').length

/** The ```ts blocks of a text, which starts at line `first` of its file. */
function blocks(file: string, text: string, first: number): ReadonlyArray<Example> {
  return Array.from(text.matchAll(fenced), (match) => ({
    name: `${fromRoot(file)}:${first + lineOf(text, match.index) - 1}`,
    code: match[1] ?? '',
  }))
}

/** The examples in the docstrings of a source file. */
export function docstringExamples(file: string): ReadonlyArray<Example> {
  const source = readFileSync(file, 'utf8')
  return Array.from(source.matchAll(docstring)).flatMap((match) =>
    blocks(file, match[0].replaceAll(/^[ \t]*\* ?/gm, ''), lineOf(source, match.index)),
  )
}

/** The examples of a Markdown file. */
export const markdownExamples = (file: string): ReadonlyArray<Example> => blocks(file, readFileSync(file, 'utf8'), 1)
