import { type Checks, readsOf, type Setup, streamOf, trialOf, withFresh } from '../checks.ts'
import { hold, judge } from '../law.ts'
import type { StreamLawSetup } from '../law-setup.ts'
import type { Trial, Witness } from '../trial.ts'

type Moment = (service: Witness, trial: Trial) => boolean

const moments: Readonly<Record<string, Moment>> = {
  'while a request is in flight': ({ inFlight }) => inFlight() > 0,
  'while it waits': ({ inFlight }, { clock }) => inFlight() === 0 && clock.armed > 0,
  'while the live connection is open': ({ inFlight }, { values }) => inFlight('live') > 0 && values.length > 0,
}

/** The service may be an event loop away: it is given its 50 ms in turns. */
async function closed(service: Witness): Promise<boolean> {
  for (let turn = 0; turn < 5 && service.inFlight() > 0; turn++) await service.advance(10)
  return service.inFlight() === 0
}

/** Leaves at a moment, if it comes. */
const leaveAt = <Ref>(setup: Setup<StreamLawSetup<Ref>>, when: string, moment: Moment): Promise<boolean> =>
  withFresh(setup, async (service) => {
    const trial = streamOf(service).subscribe()
    if (!(await trial.until(() => moment(service, trial)))) return false
    const told = trial.values.length
    trial.leave()
    hold(trial.clock.armed === 0, () => `unsubscribed ${when}: ${trial.clock.armed} timers are left`)
    hold(await closed(service), () => `unsubscribed ${when}: the service sees a request open after 50 ms`)
    await service.advance(50)
    hold(service.inFlight() === 0, () => `unsubscribed ${when}: the service is asked again`)
    hold(trial.values.length === told, () => `unsubscribed ${when}: it goes on emitting`)
    return true
  })

/** Law 3, at the moments there are. */
export const leaving: Checks = {
  name: 'law 3: unsubscribing aborts the request, its body and the wait',

  async ofStream(setup) {
    let left = 0
    for (const [when, moment] of Object.entries(moments)) if (await leaveAt(setup, when, moment)) left++
    judge(left > 0, 'no request and no wait was seen: give the service some latency')
  },

  ofSource: (setup) =>
    withFresh(setup, async (service) => {
      for (const [name, read] of readsOf(service, service.ref)) {
        const trial = trialOf(service, read)
        const seen = await trial.until(() => service.inFlight() > 0)
        trial.leave()
        if (seen) hold(await closed(service), () => `${name}: unsubscribed, and a request is open after 50 ms`)
      }
    }),
}
