import type { Report, Row } from './report.ts'
import { short } from './svg.ts'

/** Where and with what a report was made. */
export interface Setting {
  readonly date: string
  readonly node: string
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  readonly versions: Readonly<Record<string, string>>
}

/** A report as it is kept. */
export interface Kept {
  readonly bench: string
  readonly setting: Setting
  readonly report: Report
}

const row = (...cells: ReadonlyArray<string>): string => `| ${cells.join(' | ')} |`

const ratio = ({ ratio: value, to }: Row): string =>
  value === undefined ? '' : `${short(value)} × ${to ?? 'the first'}`

function table(report: Report): ReadonlyArray<string> {
  return [
    row('measure', 'subject', 'value', 'ratio'),
    row('---', '---', '---:', '---'),
    ...report.rows.map((one) => row(one.measure, one.subject, `${short(one.value)} ${one.unit}`, ratio(one))),
  ]
}

function marks(report: Report): ReadonlyArray<string> {
  if (report.marks.length === 0) return []
  return [
    row('mark', 'bound', 'reached', ''),
    row('---', '---', '---:', '---'),
    ...report.marks.map(({ what, bound, value, met }) => row(what, bound, short(value), met ? 'met' : '**missed**')),
    '',
  ]
}

/** The section of one bench, for the page and for the terminal. */
export function section({ bench, setting, report }: Kept): string {
  return [
    `## ${report.title}`,
    '',
    `${report.how} Again: \`npm run bench -- ${bench}\` (${setting.date}, Node ${setting.node}).`,
    '',
    ...marks(report),
    ...table(report),
    '',
    ...report.plots.flatMap(({ title }, at) => [`![${title}](benchmarks/${plotFile(bench, at)})`, '']),
    ...report.notes.map((note) => `- ${note}`),
  ].join('\n')
}

/** The file of a bench's plot, beside its figures. */
export const plotFile = (bench: string, at: number): string => `${bench}${at === 0 ? '' : `-${at + 1}`}.svg`

/** The whole page. */
export function page(all: ReadonlyArray<Kept>): string {
  const newest = all.map(({ setting }) => setting).sort((a, b) => b.date.localeCompare(a.date))[0]
  if (newest === undefined) return ''
  const { processor, cores, memoryGiB, node } = newest
  const versions = Object.entries(newest.versions).map(([name, version]) => `${name} ${version}`)
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`, which measures the built package beside its peers, each bench in a process of its own;',
    '`npm run bench -- <name>` repeats some. The same figures as JSON are in `docs/benchmarks/`. Read ratios, not',
    'absolutes: subjects are measured in turns in one run, and medians are told. Times are processor time of the whole',
    'process where nothing else is said, so that other work on the machine is not in them.',
    '',
    `Machine: ${processor}, ${cores} cores, ${memoryGiB} GiB, Node ${node}.`,
    '',
    `Versions: ${versions.join(', ')}.`,
    '',
    all.map(section).join('\n\n'),
    '',
  ].join('\n')
}
