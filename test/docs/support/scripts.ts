import { readFileSync } from 'node:fs'
import { formatWithOptions } from 'node:util'
import { fromRoot } from './files.ts'

/** TypeScript that a page shows as one script: a block with imports, and the blocks that continue it. */
export interface Script {
  /** Where its first block opens: `docs/logs.md:12`. */
  readonly name: string
  readonly code: string
  /** What the page says that it prints: the `text` blocks that stand directly below its blocks. */
  readonly output: ReadonlyArray<string>
  /** False for what needs a real service: `ts no-run`. It is only compiled. */
  readonly isRun: boolean
}

const fence = /^```(ts|ts continues|ts no-run|text)\n([\s\S]*?)^```$/gm

/**
 * The scripts of a Markdown text. A block continues the one above if it has no imports, or if its fence says `ts continues`.
 *
 * @throws Error for a block that continues no script
 */
export function scriptsOf(page: string, text: string): ReadonlyArray<Script> {
  const scripts: Array<Omit<Script, 'code' | 'output'> & { code: string; output: Array<string> }> = []
  let codeEnd = -1
  for (const { 0: whole, 1: language, 2: code = '', index } of text.matchAll(fence)) {
    const last = scripts.at(-1)
    const line = text.slice(0, index).split('\n').length
    if (language === 'text') {
      const isOutput = codeEnd >= 0 && text.slice(codeEnd, index).trim() === ''
      if (isOutput && last) last.output.push(...code.trimEnd().split('\n'))
      codeEnd = -1
      continue
    }
    codeEnd = index + whole.length
    const begins = language === 'ts no-run' || (language === 'ts' && /^import /m.test(code))
    if (begins) scripts.push({ name: `${page}:${line}`, code, output: [], isRun: language === 'ts' })
    else if (last) last.code += code
    else throw new Error(`${page}:${line} continues no script`)
  }
  return scripts
}

/** The scripts of a Markdown file. */
export const scriptsIn = (file: string): ReadonlyArray<Script> => scriptsOf(fromRoot(file), readFileSync(file, 'utf8'))

/** True where printed lines are those that a page shows: `…` stands for anything in a line, alone for any lines. */
export function matches(expected: ReadonlyArray<string>, printed: ReadonlyArray<string>): boolean {
  const escape = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&').replaceAll('…', '.*')
  const pattern = expected.map((line) => (line === '…' ? '(?:.*\\n)*' : `${escape(line)}\\n`)).join('')
  return new RegExp(`^${pattern}$`).test(printed.map((line) => `${line}\n`).join(''))
}

/** The lines that `run` gives to `console.log`, without colours. */
export async function printedBy(run: () => Promise<void>): Promise<ReadonlyArray<string>> {
  const lines: Array<string> = []
  const { log } = console
  console.log = (...values: ReadonlyArray<unknown>) => {
    lines.push(...formatWithOptions({ colors: false }, ...values).split('\n'))
  }
  try {
    await run()
  } finally {
    console.log = log
  }
  return lines
}
