import { type Checks, streamOf, withFresh } from '../checks.ts'
import { isLogPiece } from '../elements.ts'
import { hold, judge } from '../law.ts'
import { placesAfter } from '../places.ts'

/** Law 4. Whether lines in the middle are missing is for law 9; here it is the last ones. */
export const ending: Checks = {
  name: 'law 4: it completes because the job is over, and after its log was drained',

  ofStream: (setup) =>
    withFresh(setup, async (service) => {
      const { end, stalled, values } = await streamOf(service).subscribe().run()
      judge(!stalled, 'the stream waits for something else than its clock (law 7)')
      hold(end !== undefined || !service.isOver(), () => 'the job is over, and the stream goes on')
      judge(end !== undefined, 'the job was not over in time: see `within`')
      judge(end.how === 'completed', 'the stream failed (laws 5 and 8)')
      hold(end.wasOver, () => 'it completed before the job was over')
      const pieces = values.filter(isLogPiece)
      if (pieces.length === 0) return
      const lines = service.lines?.()
      judge(lines !== undefined, 'no `lines` were given')
      const { places, wrong } = placesAfter(lines, pieces)
      if (wrong !== undefined) return
      hold(places.has(lines.length), () => `it completed after ${Math.max(...places)} of ${lines.length} lines`)
    }),
}
