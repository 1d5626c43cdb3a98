import type { Ending } from '../follow-all.ts'
import { seconds } from './line.ts'
import { type Paint, styleOf } from './painter.ts'
import { printable } from './printable.ts'

type Column = 'name' | 'end' | 'after'
type Row = Readonly<Record<Column, string>> & { readonly why: ReadonlyArray<string> }

const head: Row = { name: 'Job', end: 'Ended', after: 'After', why: ['Why'] }

/** Which job ended how, after how long, and why; each reason on a line of its own. */
export function table(endings: ReadonlyArray<Ending>, paint: Paint): string {
  const rows = endings.map(({ name, end, at, why }) => ({ name, end, after: seconds(at), why: why.map(printable) }))
  const width = (column: Column): number => Math.max(...[head, ...rows].map((row) => row[column].length))
  const [name, end, after] = [width('name'), width('end'), width('after')]
  const indent = ' '.repeat(name + end + after + 6)

  const line = (row: Row, ended: string): string =>
    [row.name.padEnd(name), ended, row.after.padStart(after), row.why.join(`\n${indent}`)].join('  ').trimEnd()

  return [
    paint('bold', line(head, head.end.padEnd(end))),
    ...rows.map((row) => line(row, paint(styleOf(row.end), row.end.padEnd(end)))),
  ].join('\n')
}
