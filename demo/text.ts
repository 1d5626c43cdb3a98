import { stripVTControlCharacters, styleText } from 'node:util'
import type { Ending, TimedUpdate } from './follow-all.ts'
import type { End, Update } from './updates.ts'

type Style = Parameters<typeof styleText>[0]

/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

export const painter =
  (hasColors: boolean): Paint =>
  (style, text) =>
    hasColors ? styleText(style, text, { validateStream: false }) : text

function styleOf(end: End): 'green' | 'red' | 'yellow' {
  if (end === 'succeeded') return 'green'
  return end === 'failed' || end === 'lost' ? 'red' : 'yellow'
}

/** A text of a service or a log without control characters, which could take over the terminal. */
export const printable = (text: string): string => stripVTControlCharacters(text).replace(/[^\P{Cc}\t]/gu, '')

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)}s`

// ---- a line for each update

const colors = ['cyan', 'magenta', 'yellow', 'blue'] as const

/** Makes a line of an update: the time, the job in its own colour, the text. */
export function lineMaker(names: ReadonlyArray<string>, paint: Paint): (update: TimedUpdate) => string {
  const width = Math.max(...names.map((name) => name.length))
  return ({ name, at, update }) => {
    const color = colors[names.indexOf(name) % colors.length] ?? 'white'
    return `${paint('dim', seconds(at).padStart(6))}  ${paint(color, name.padEnd(width))}  ${textOf(update, paint)}`
  }
}

function textOf(update: Update, paint: Paint): string {
  switch (update.kind) {
    case 'status':
      return paint('bold', printable(update.text))
    case 'line':
      return `${sourceOf(update.source, paint)} ${printable(update.text)}`
    case 'trouble':
      return paint('yellow', printable(update.text))
    case 'end': {
      const reasons = update.reasons.length === 0 ? '' : `: ${update.reasons.map(printable).join('; ')}`
      return paint(['bold', styleOf(update.end)], update.end + reasons)
    }
  }
}

/** The output of a deploy has no source. */
function sourceOf(source: string, paint: Paint): string {
  if (source === 'stderr') return paint('red', 'err |')
  return paint('dim', source === '' ? 'dep |' : 'out |')
}

// ---- the closing table

type Column = 'name' | 'end' | 'after'
type Row = Readonly<Record<Column, string>> & { readonly reasons: ReadonlyArray<string> }

const head: Row = { name: 'Job', end: 'Ended', after: 'After', reasons: ['Why'] }

/** How each job ended, after how long, and why; each reason on a line of its own. */
export function table(endings: ReadonlyArray<Ending>, paint: Paint): string {
  const rows = endings.map(
    ({ name, end, at, reasons }): Row => ({ name, end, after: seconds(at), reasons: reasons.map(printable) }),
  )
  const width = (column: Column): number => Math.max(...[head, ...rows].map((row) => row[column].length))
  const [name, end, after] = [width('name'), width('end'), width('after')]
  const indent = ' '.repeat(name + end + after + 6)
  const line = (row: Row, ended: string): string =>
    [row.name.padEnd(name), ended, row.after.padStart(after), row.reasons.join(`\n${indent}`)].join('  ').trimEnd()
  return [
    paint('bold', line(head, head.end.padEnd(end))),
    ...endings.map((ending, index) => line(rows[index] ?? head, paint(styleOf(ending.end), ending.end.padEnd(end)))),
  ].join('\n')
}
