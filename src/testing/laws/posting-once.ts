import { type Checks, streamOf, trialOf, withFresh } from '../checks.ts'
import { hold, judge } from '../law.ts'

/** Law 6, by what the service has counted. */
export const postingOnce: Checks = {
  name: 'law 6: a POST is never sent twice',

  ofStream: (setup) =>
    withFresh(setup, async (service) => {
      await streamOf(service).subscribe().run()
      const posts = service.posts?.()
      judge(posts !== undefined, 'no `posts` were given')
      hold(posts <= 1, () => `one subscription sent ${posts} POSTs`)
    }),

  ofSource: (setup) =>
    withFresh(setup, async (service) => {
      const { source, ref } = service
      if (source.cancel === undefined) return
      await trialOf(service, source.cancel(ref)).run()
      const posts = service.posts?.()
      judge(posts !== undefined, 'no `posts` were given')
      hold(posts <= 1, () => `one \`cancel\` sent ${posts} POSTs`)
    }),
}
