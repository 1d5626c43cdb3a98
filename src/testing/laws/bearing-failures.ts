import { isApiError } from '../../core/index.ts'
import { type Checks, streamOf, withFresh } from '../checks.ts'
import { hold, judge } from '../law.ts'
import { endOf } from '../trial.ts'

/** Law 5, by the one connection that the service drops and by the reference that it refuses for good. */
export const bearingFailures: Checks = {
  name: 'law 5: what passes is waited out and told, what does not ends it at once',

  async ofStream(setup) {
    await withFresh(setup, async (service) => {
      const stream = streamOf(service)
      const end = endOf(await stream.subscribe().run())
      if (end.how === 'failed') {
        judge(isApiError(end.error), 'the stream failed with what is no ApiError (law 8)')
        hold(false, () => `a connection was dropped, and the stream ended with ${String(end.error)}`)
      }
      judge(end.wasOver, 'the stream completed before the job was over (law 4)')
      hold(
        stream.connections.some(({ state }) => state !== 'open'),
        () => 'a connection was dropped, and onConnection was told nothing',
      )
    })
    await withFresh(setup, async (service) => {
      const { missing } = service
      judge(missing !== undefined, 'no `missing` was given')
      const stream = streamOf(service, missing)
      const { end } = await stream.subscribe().run()
      hold(end !== undefined, () => 'a failure for good did not end the stream')
      const tries = stream.connections.filter(({ state }) => state === 'retrying')
      hold(tries.length === 0, () => `a failure for good was tried again ${tries.length} times`)
    })
  },
}
