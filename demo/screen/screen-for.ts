import type { Screen } from '../follow-all.ts'
import { liveScreen } from './live-screen.ts'
import type { Paint } from './painter.ts'
import { plainScreen } from './plain-screen.ts'

/** What tells a terminal from a pipe, and how wide it is. */
interface Output extends NodeJS.WritableStream {
  readonly isTTY?: boolean
  readonly columns?: number
}

/** A spinner for a terminal; lines alone for a pipe, and for a terminal without a size, as a cron job's or a container's may be. */
export const screenFor = ({
  isTTY = false,
  columns = 0,
}: Output): ((out: Output, names: ReadonlyArray<string>, paint: Paint) => Screen) =>
  isTTY && columns > 0 ? liveScreen : plainScreen
