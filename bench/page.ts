import { readFileSync } from 'node:fs'
import { type Figure, firstEdition, type Mark, median, type Report, secondEdition } from './measure.ts'

/** Reports of the same measure as one: the median of each value. */
export function merged(reports: ReadonlyArray<Report>): Report {
  const [report] = reports
  if (report === undefined) throw new Error('nothing was measured')
  const figures = report.figures.map((figure, at): Figure => {
    const subjects = Object.keys(figure.values)
    const middle = (subject: string): number => median(reports.map((one) => one.figures[at]?.values[subject] ?? NaN))
    return { ...figure, values: Object.fromEntries(subjects.map((subject) => [subject, middle(subject)])) }
  })
  const runs = reports.length > 1 ? [`The median of ${reports.length} runs, each in a process of its own.`] : []
  return { ...report, text: [...report.text, ...runs], figures }
}

/** Three significant digits. */
const digits = (value: number): string => String(Number(value.toPrecision(3)))

function cell({ values, unit }: Figure, subject: string): string {
  const value = values[subject]
  return value === undefined ? '' : `${digits(value)}${unit === undefined ? '' : ` ${unit}`}`
}

const bound = (mark: Mark): string => ('atMost' in mark ? `≤ ${mark.atMost}` : `≥ ${mark.atLeast}`)

function isMet({ mark, values }: Figure): boolean {
  const value = values[secondEdition] ?? Number.NaN
  return mark === undefined || ('atMost' in mark ? value <= mark.atMost : value >= mark.atLeast)
}

function table(header: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> {
  const line = (cells: ReadonlyArray<string>): string => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)]
}

/** A paragraph in lines of at most 120 characters. */
const wrapped = (paragraph: string): string => paragraph.replace(/(.{1,120})(?: |$)/g, '$1\n').trimEnd()

/** The section of one measure, for the page and for the terminal. */
export function section(name: string, { title, text, figures }: Report): string {
  const subjects = [...new Set(figures.flatMap(({ values }) => Object.keys(values)))]
  return [
    `## ${title}`,
    '',
    `\`npm run bench -- ${name}\``,
    '',
    ...text.flatMap((paragraph) => [wrapped(paragraph), '']),
    ...table(
      ['', ...subjects],
      figures.map((figure) => [figure.measure, ...subjects.map((subject) => cell(figure, subject))]),
    ),
    ...notesOf(name),
  ].join('\n')
}

/** What was written by hand about a measure, where something was: the section of that name in notes.md. */
function notesOf(name: string): ReadonlyArray<string> {
  const notes = readFileSync(new URL('notes.md', import.meta.url), 'utf8')
  const found = notes.split(/^# /m).find((part) => part.startsWith(`${name}\n`))
  return found === undefined ? [] : ['', found.slice(name.length).trim()]
}

/** The whole page: a table of all marks, then a section for each measure. */
export function page(reports: ReadonlyArray<readonly [name: string, report: Report]>, machine: string): string {
  const marked = reports.flatMap(([, { figures }]) => figures.filter(({ mark }) => mark !== undefined))
  return [
    '# Benchmarks',
    '',
    ...table(
      ['measure', 'mark', firstEdition, secondEdition, 'met'],
      marked.map((figure) => [
        figure.measure,
        figure.mark === undefined ? '' : bound(figure.mark),
        cell(figure, firstEdition),
        cell(figure, secondEdition),
        isMet(figure) ? 'yes' : '**no**',
      ]),
    ),
    '',
    wrapped(
      `Written by \`npm run bench\` on ${machine}. It builds both editions and measures them in turns in one run: the first edition is commit fb6aa4a, the second the package as it is now, both on the same rxjs and io-ts. Read ratios, not absolute values: they depend less on the machine.`,
    ),
    '',
    ...reports.flatMap(([name, report]) => [section(name, report), '']),
  ].join('\n')
}
