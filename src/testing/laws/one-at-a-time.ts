import { type Checks, streamOf, withFresh } from '../checks.ts'
import { hold, judge } from '../law.ts'
import type { RequestKind } from '../law-setup.ts'

const kinds: ReadonlyArray<RequestKind> = ['status', 'log', 'live']

/** Law 2, by what the service has counted. */
export const oneAtATime: Checks = {
  name: 'law 2: at most one status read and one log read in flight, besides one live connection',

  ofStream: (setup) =>
    withFresh(setup, async (service) => {
      await streamOf(service).subscribe().run()
      for (const kind of kinds) {
        const most = service.mostInFlight(kind)
        hold(most <= 1, () => `${most} ${kind} requests were in flight at once`)
      }
      judge(service.mostInFlight() > 0, 'the service saw no request in flight: give it some latency')
    }),
}
