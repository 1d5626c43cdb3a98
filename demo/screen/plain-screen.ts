import type { Screen } from '../follow-all.ts'
import { liner } from './line.ts'
import type { Paint } from './painter.ts'

/** One line for each moment: for pipes, for files, and above the spinner. */
export function plainScreen(out: NodeJS.WritableStream, names: ReadonlyArray<string>, paint: Paint): Screen {
  const line = liner(names, paint)
  return { show: (moment) => out.write(`${line(moment)}\n`), close: () => undefined }
}
