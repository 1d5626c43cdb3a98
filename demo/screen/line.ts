import type { Moment } from '../follow-all.ts'
import type { Told } from '../jobs/told.ts'
import { type Paint, styleOf } from './painter.ts'
import { printable } from './printable.ts'

const labels = ['cyan', 'magenta', 'yellow', 'blue'] as const

/** Puts moments into lines: when, which job, what. Each job has a colour of its own, and stderr another one. */
export function liner(names: ReadonlyArray<string>, paint: Paint): (moment: Moment) => string {
  const width = Math.max(...names.map((name) => name.length))
  return ({ name, at, told }) => {
    const label = labels[names.indexOf(name) % labels.length] ?? 'white'
    const when = paint('dim', seconds(at).padStart(6))
    return `${when}  ${paint(label, name.padEnd(width))}  ${textOf(told, paint)}`
  }
}

/** Milliseconds as seconds, to the tenth. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)}s`

/** A deploy's own output has no source. */
function sourceOf(source: string, paint: Paint): string {
  if (source === 'stderr') return paint('red', 'err |')
  return paint('dim', source === '' ? 'dep |' : 'out |')
}

function textOf(told: Told, paint: Paint): string {
  switch (told.kind) {
    case 'status':
      return paint('bold', printable(told.text))
    case 'line':
      return `${sourceOf(told.source, paint)} ${printable(told.text)}`
    case 'trouble':
      return paint('yellow', printable(told.text))
    case 'end': {
      const why = told.why.length === 0 ? '' : `: ${told.why.map(printable).join('; ')}`
      return paint(['bold', styleOf(told.end)], told.end + why)
    }
  }
}
