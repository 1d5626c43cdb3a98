import ora from 'ora'
import type { Screen } from '../follow-all.ts'
import type { Paint } from './painter.ts'
import { plainScreen } from './plain-screen.ts'
import { printable } from './printable.ts'

/** The plain lines, and below them a spinner with the jobs that are still under way. For terminals. */
export function liveScreen(out: NodeJS.WritableStream, names: ReadonlyArray<string>, paint: Paint): Screen {
  const lines = plainScreen(out, names, paint)
  const underWay = new Map(names.map((name) => [name, 'submitting']))
  const text = (): string => [...underWay].map(([name, status]) => `${name} ${paint('dim', status)}`).join('  ')
  const colour = paint('cyan', '') === '' ? false : 'cyan'
  // Reading stdin would take Ctrl-C away from the terminal.
  const spinner = ora({ stream: out, discardStdin: false, color: colour, text: text() }).start()
  return {
    show(moment) {
      const { name, told } = moment
      if (told.kind === 'status') underWay.set(name, printable(told.text))
      if (told.kind === 'end') underWay.delete(name)
      spinner.text = text()
      lines.show(moment)
    },
    close: () => spinner.stop(),
  }
}
