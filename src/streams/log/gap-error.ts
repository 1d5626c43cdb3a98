import { LogGapError } from '../../core/index.ts'
import type { GapReason, LogElement, LogGap } from './log-line.ts'

const words: { readonly [reason in GapReason]: string } = {
  window: 'the log went on further than its window shows',
  ambiguous: 'equal lines at equal times leave more than one way to go on',
  download: 'the downloaded log does not continue what was emitted',
  'too-long': 'a line is longer than maxLineBytes',
}

/** The gap as an error: what `onGap: 'error'` makes of it. */
export const gapError = <Ref>(path: string, gap: LogGap<Ref>): LogGapError<LogGap<Ref>> =>
  new LogGapError({ method: 'GET', path, gap, reason: words[gap.reason] })

/** The elements before the first gap, and that gap. */
export function untilGap<Ref>(elements: ReadonlyArray<LogElement<Ref>>): {
  readonly before: ReadonlyArray<LogElement<Ref>>
  readonly gap: LogGap<Ref> | undefined
} {
  const before: Array<LogElement<Ref>> = []
  for (const element of elements) {
    if (element._tag === 'Gap') return { before, gap: element }
    before.push(element)
  }
  return { before, gap: undefined }
}
