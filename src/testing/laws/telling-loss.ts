import { tailLog } from '../../streams/index.ts'
import { type Checks, streamOf, withFresh } from '../checks.ts'
import { isLogPiece, type LogPiece } from '../elements.ts'
import { hold, judge } from '../law.ts'
import { placesAfter } from '../places.ts'

/** Law 9. Lines that are missing at the very end are for law 4. */
export const tellingLoss: Checks = {
  name: 'law 9: every line once and in order, and where one is missing, a gap',

  ofStream: (setup) =>
    withFresh(setup, async (service) => {
      const { values } = await streamOf(service).subscribe().run()
      const pieces = values.filter(isLogPiece)
      judge(pieces.length > 0, 'the stream gives no lines')
      const lines = service.lines?.()
      judge(lines !== undefined, 'no `lines` were given')
      holdInOrder(lines, pieces)
    }),

  ofSource: (setup) =>
    withFresh(setup, async (service) => {
      const { log } = service.source
      judge(log !== undefined, 'the source has no log')
      const lines = service.lines
      judge(lines !== undefined, 'no `lines` were given')
      const source = { ...service.source, log }
      const tail = streamOf({ ...service, stream: (ref, options) => tailLog(source, ref, options) })
      const { values } = await tail.subscribe().run()
      const pieces = values.filter(isLogPiece)
      hold(pieces.length > 0 || lines().length === 0, () => `none of ${lines().length} lines was given`)
    }),
}

function holdInOrder(lines: ReadonlyArray<string>, pieces: ReadonlyArray<LogPiece>): void {
  const { places, wrong } = placesAfter(lines, pieces)
  if (wrong === undefined) return
  const piece = pieces[wrong]
  const given = piece?._tag === 'Line' ? JSON.stringify(piece.data) : 'a gap'
  const place = Math.max(...places)
  const due = place < lines.length ? JSON.stringify(lines[place]) : 'no more line'
  hold(false, () => `after ${place} lines ${given} was given where the log has ${due}, and no gap was told`)
}
