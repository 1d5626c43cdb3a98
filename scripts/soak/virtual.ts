import { connect } from 'rxjobs/connect'
import { clientCredentials, genesys } from 'rxjobs/genesys'
import { merge, type Observable, VirtualTimeScheduler } from 'rxjs'
import { follow } from './follow.ts'
import { profiles, type Random } from './profiles.ts'
import { rules } from './rules.ts'
import type { Soak } from './soak.ts'
import { submit } from './submit.ts'
import { Tally } from './tally.ts'
import { VirtualConnect, type VirtualSettings } from './virtual-connect.ts'
import { type Serve, virtualTransport } from './virtual-faults.ts'
import { VirtualGenesys } from './virtual-genesys.ts'

const services: Readonly<Record<string, VirtualSettings>> = {
  plain: { framing: 'ndjson', replay: 1e9, keeps: 'last', lag: 0, withholdsHead: false, download: 'bare' },
  withheld: { framing: 'sse', replay: 20, keeps: 'last', lag: 300, withholdsHead: true, download: 'times' },
  'first lines': { framing: 'ndjson', replay: 0, keeps: 'first', lag: 0, withholdsHead: false, download: 'times' },
  'no download': { framing: 'sse', replay: 0, keeps: 'last', lag: 700, withholdsHead: false, download: undefined },
}

const epoch = Date.parse('2026-11-01T00:00:00Z')
const minute = 60_000
/** How long the streams may go on after the last job is over, in milliseconds. */
const grace = 10 * minute

/** A clock that is an hour slow for a while, and then two hours fast: the machine's, not the services'. */
class Clock extends VirtualTimeScheduler {
  constructor(until: number) {
    super(undefined, until)
    const ahead = [0, -60 * minute, 120 * minute]
    this.now = () => {
      const turn = Math.floor(this.frame / (10 * minute)) % 3
      return epoch + this.frame + (ahead[turn] ?? 0)
    }
  }
}

/** All faults at once, for hours of virtual time. */
export function soakInVirtualTime(hours: number, seed: number, random: Random): Tally {
  const tally = new Tally()
  const until = hours * 60 * minute
  const scheduler = new Clock(until + grace)
  const now = (): number => epoch + scheduler.frame
  const soak: Soak = { scheduler, now: () => scheduler.frame, until, random, tally, open: new Set() }
  const transport = (serve: Serve) => virtualTransport(serve, { rules: rules(), seed, scheduler, random, tally })
  const options = { scheduler, random, timeout: 6_000, idleTimeout: 4_000 }

  const streams: Array<Observable<never>> = []
  for (const [name, settings] of Object.entries(services)) {
    const service = new VirtualConnect(settings, scheduler, now)
    const server = 'https://connect.example.com'
    const { jobs } = connect({ server, apiKey: 'a-key', transport: transport(service.serve), ...options })
    const place = { name, jobs, feed: () => service.feed(), isFlawed: false }
    streams.push(...profiles.map((profile) => follow(soak, place, profile)))
  }
  const auth = clientCredentials({ clientId: 'an-id', clientSecret: 'a-secret' })
  const service = new VirtualGenesys(scheduler, now)
  const cx = genesys({ host: 'mypurecloud.de', auth, transport: transport(service.serve), ...options })
  streams.push(submit(soak, 'Genesys', cx, 8))

  const subscription = merge(...streams).subscribe({ error: (error: unknown) => tally.fail(String(error)) })
  scheduler.flush()
  subscription.unsubscribe()
  for (const stream of soak.open) tally.fail(`${stream}: the stream did not end`)
  return tally
}
