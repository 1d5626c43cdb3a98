import { type Checks, readsOf, streamOf, trialOf, withFresh } from '../checks.ts'
import { hold } from '../law.ts'
import { endOf, type Trial } from '../trial.ts'

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
const shares = (a: Trial, b: Trial): boolean => a.values.some((value) => isObject(value) && b.values.includes(value))

/** Law 1. Two subscriptions that give the very same objects are one stream. */
export const cold: Checks = {
  name: 'law 1: nothing happens before subscribe, and two subscribers are two streams',

  async ofStream(setup) {
    await withFresh(setup, async (service) => {
      streamOf(service)
      await service.advance(100)
      hold(service.mostInFlight() === 0, () => 'the service was asked before anybody subscribed')
    })
    await withFresh(setup, async (service) => {
      const stream = streamOf(service)
      const first = stream.subscribe()
      await first.until(() => first.values.length > 0)
      const second = stream.subscribe()
      endOf(await first.run())
      endOf(await second.run())
      hold(!shares(first, second), () => 'two subscribers got the very same objects')
      const late = await stream.subscribe().run()
      hold(late.values.length > 0 || first.values.length === 0, () => 'a later subscriber got nothing')
      hold(!shares(first, late), () => 'a later subscriber got the very same objects')
    })
  },

  async ofSource(setup) {
    await withFresh(setup, async (service) => {
      const { source, ref } = service
      readsOf(service, ref)
      source.cancel?.(ref)
      await service.advance(100)
      hold(service.mostInFlight() === 0, () => 'the service was asked before anybody subscribed')
      const status = source.status(ref)
      const first = trialOf(service, status)
      const second = trialOf(service, status)
      await first.run()
      await second.run()
      hold(!shares(first, second), () => 'two subscribers of `status` got the very same reading')
    })
  },
}
