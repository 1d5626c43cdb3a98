import ora from 'ora'
import type { Screen } from './follow-all.ts'
import { lineMaker, type Paint, printable } from './text.ts'

/** The properties that tell a terminal from a pipe. */
interface Output extends NodeJS.WritableStream {
  readonly isTTY?: boolean
  readonly columns?: number
}

/** A spinner on a terminal; plain lines in a pipe, and on a terminal without a size, as cron jobs and containers may have. */
export const screenFor = ({
  isTTY = false,
  columns = 0,
}: Output): ((out: Output, names: ReadonlyArray<string>, paint: Paint) => Screen) =>
  isTTY && columns > 0 ? liveScreen : plainScreen

/** One line for each update. */
export function plainScreen(out: NodeJS.WritableStream, names: ReadonlyArray<string>, paint: Paint): Screen {
  const line = lineMaker(names, paint)
  return { show: (update) => out.write(`${line(update)}\n`), close: () => undefined }
}

/** The plain lines, and below them a spinner with the jobs that still run. */
export function liveScreen(out: NodeJS.WritableStream, names: ReadonlyArray<string>, paint: Paint): Screen {
  const lines = plainScreen(out, names, paint)
  const running = new Map(names.map((name) => [name, 'submitting']))
  const text = (): string => [...running].map(([name, status]) => `${name} ${paint('dim', status)}`).join('  ')
  const color = paint('cyan', '') === '' ? false : 'cyan'
  // If ora read stdin, Ctrl-C would not reach the process.
  const spinner = ora({ stream: out, discardStdin: false, color, text: text() }).start()
  return {
    show(timed) {
      const { name, update } = timed
      if (update.kind === 'status') running.set(name, printable(update.text))
      if (update.kind === 'end') running.delete(name)
      spinner.text = text()
      lines.show(timed)
    },
    close: () => spinner.stop(),
  }
}
