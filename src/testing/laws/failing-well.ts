import { type ApiError, isApiError } from '../../core/index.ts'
import { type Checks, readsOf, streamOf, trialOf, withFresh } from '../checks.ts'
import { hold, judge } from '../law.ts'
import type { Trial } from '../trial.ts'

const says = ({ _tag, method, path, message }: ApiError): boolean =>
  _tag.endsWith('Error') && method !== '' && path !== '' && message.includes(method) && message.includes(path)

/** What came down the error channel is ours and says what was asked. */
function holdError({ end }: Trial, whose: string): void {
  if (end?.how !== 'failed') return
  const { error } = end
  hold(isApiError(error), () => `${whose} failed with ${String(error)}, which is no ApiError`)
  hold(says(error), () => `${whose} failed with an error that does not say what was asked: ${String(error)}`)
}

/** Law 8, by whatever ends the job's stream and by the reference that the service refuses for good. */
export const failingWell: Checks = {
  name: 'law 8: only an ApiError comes down the error channel, and it says what was asked',

  async ofStream(setup) {
    await withFresh(setup, async (service) => holdError(await streamOf(service).subscribe().run(), 'the stream'))
    await withFresh(setup, async (service) => {
      const { missing } = service
      judge(missing !== undefined, 'no `missing` was given')
      const trial = await streamOf(service, missing).subscribe().run()
      judge(trial.end !== undefined, 'the stream did not end at a failure for good (law 5)')
      hold(trial.end.how === 'failed', () => 'a job that is not there completed like one that is over')
      holdError(trial, 'the stream')
    })
  },

  ofSource: (setup) =>
    withFresh(setup, async (service) => {
      const { missing, source } = service
      judge(missing !== undefined, 'no `missing` was given')
      hold(source.keyOf(missing) !== '', () => '`keyOf` gives an empty text')
      for (const [name, read] of readsOf(service, missing)) holdError(await trialOf(service, read).run(), name)
    }),
}
