import { styleText } from 'node:util'
import type { End } from '../jobs/told.ts'

type Style = Parameters<typeof styleText>[0]

/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

/** Paints where the terminal shows colours. */
export const painter =
  (colourful: boolean): Paint =>
  (style, text) =>
    colourful ? styleText(style, text, { validateStream: false }) : text

/** How each end looks. */
export const styleOf = (end: End): 'green' | 'red' | 'yellow' => {
  if (end === 'succeeded') return 'green'
  return end === 'failed' || end === 'lost' ? 'red' : 'yellow'
}
