import { type Checks, streamOf, withFresh } from '../checks.ts'
import { hold, judge } from '../law.ts'

/** Law 7: whenever the service has nothing to answer, a timer of the given scheduler must be set. */
export const waitingByTheClock: Checks = {
  name: 'law 7: all waiting goes through the given scheduler',

  ofStream: (setup) =>
    withFresh(setup, async (service) => {
      const { stalled, clock } = await streamOf(service).subscribe().run()
      hold(!stalled, () => 'nothing was in flight, no timer of the scheduler was set, and the stream had not ended')
      judge(clock.set > 0, 'nothing was waited for')
    }),
}
