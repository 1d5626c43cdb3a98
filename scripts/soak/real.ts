import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { type Connect, type ConnectOptions, connect } from 'rxjobs/connect'
import { clientCredentials, type Genesys, genesys } from 'rxjobs/genesys'
import { type Sandbox, type SandboxOptions, startSandbox } from 'rxjobs/sandbox'
import { asyncScheduler, merge, type Observable } from 'rxjs'
import { type Balancers, type Origin, startBalancers } from './balancers.ts'
import { deploy } from './deploy.ts'
import { follow } from './follow.ts'
import { endless, profiles, type Random } from './profiles.ts'
import { rules } from './rules.ts'
import type { Soak } from './soak.ts'
import { submit } from './submit.ts'
import { Tally } from './tally.ts'

/** Services that differ in what their documents leave open. */
const settings: Readonly<Record<string, SandboxOptions>> = {
  plain: { connect: { restoreJob: true, taskOutput: 'recorded' } },
  withheld: {
    tail: {
      framing: 'sse',
      eol: '\r\n',
      replay: 20,
      chunkBytes: 701,
      withholdsHead: true,
      keepAliveMs: 5_000,
      swapsEvery: 55,
    },
    log: { downloadFormat: 'times', cutAt: 4_096 },
  },
  cluster: {
    connect: { cluster: true, lacks: ['download'], settleMs: 1_000 },
    tail: { framing: 'array', replay: 'none' },
    // Less than the job takes to be finalized: its log is complete when it is over.
    log: { lagMs: 700 },
  },
  repeating: {
    tail: { framing: 'concatenated', replay: 'all', repeatsEvery: 40, cutAt: 4_096 },
    log: { keeps: 'first', downloadFormat: 'times' },
  },
}

/** How long the streams may go on after the last job is over, in milliseconds. */
const grace = 180_000

/** All faults at once on real sockets: directly, behind nginx, and behind haproxy with two nodes. */
export async function soakOnSockets(
  minutes: number,
  linesPerSecond: number,
  seed: number,
  random: Random,
): Promise<Tally> {
  const tally = new Tally()
  const sandboxes = new Map<string, Sandbox>()
  for (const [name, options] of Object.entries(settings)) {
    const own = { genesys: { stepMs: 1_500, tokenSeconds: 60 }, faults: { seed, rules: [] } }
    sandboxes.set(name, await startSandbox({ ...own, ...options }))
  }
  let balancers: Balancers | undefined
  try {
    balancers = await startBalancers(await Promise.all([...sandboxes].map(originOf)))
    for (const sandbox of sandboxes.values()) sandbox.faults.set(rules())
    const until = asyncScheduler.now() + minutes * 60_000
    const soak: Soak = {
      scheduler: asyncScheduler,
      now: () => asyncScheduler.now(),
      until,
      random,
      tally,
      open: new Set(),
    }
    await complete(soak, merge(...streams(soak, sandboxes, balancers, linesPerSecond)))
    for (const stream of soak.open) tally.fail(`${stream}: the stream did not end`)
    for (const { faults } of sandboxes.values()) {
      for (const [kind, times] of Object.entries(faults.met)) tally.add('faults', kind, times)
    }
  } finally {
    await balancers?.close()
    await Promise.all([...sandboxes.values()].map((sandbox) => sandbox.close()))
  }
  return tally
}

async function originOf([name, { url }]: readonly [string, Sandbox]): Promise<Origin> {
  const nodes = new Set<string>()
  // A cluster leads requests without a cookie to its nodes in turn.
  for (let turn = 0; turn < 20; turn++) {
    const answer = await fetch(`${url}/__api__/server_settings`)
    await answer.arrayBuffer()
    const [cookie] = answer.headers.getSetCookie()
    if (cookie !== undefined) nodes.add(cookie.replace(/;.*/, ''))
  }
  return { name, url, nodes: [...nodes] }
}

/** Resolves when all streams are complete, or their time is over. */
async function complete(soak: Soak, streams: Observable<never>): Promise<void> {
  const timeUp = new AbortController()
  const over = wait(soak.until - Date.now() + grace, undefined, { signal: timeUp.signal }).catch(() => undefined)
  const delay = monitorEventLoopDelay()
  delay.enable()
  const memory = setInterval(() => {
    soak.tally.most('MiB of memory', process.memoryUsage().rss / 2 ** 20)
    soak.tally.most('milliseconds for which the process was busy', delay.max / 1e6)
  }, 1_000)
  const done = new Promise<void>((resolve, reject) => {
    const subscription = streams.subscribe({ error: reject, complete: resolve })
    void over.then(() => {
      subscription.unsubscribe()
      resolve()
    })
  })
  await done.finally(() => {
    timeUp.abort()
    clearInterval(memory)
  })
}

interface Way {
  readonly place: string
  readonly url: string
  /** A time limit below, or above, the limit of the proxy. */
  readonly timeout: number
}

function streams(
  soak: Soak,
  sandboxes: ReadonlyMap<string, Sandbox>,
  { nginx, haproxy }: Balancers,
  linesPerSecond: number,
): ReadonlyArray<Observable<never>> {
  return [...sandboxes].flatMap(([name, sandbox]) => {
    const ways: ReadonlyArray<Way> = [
      { place: `${name}, directly`, url: sandbox.url, timeout: 15_000 },
      { place: `${name}, nginx`, url: nginx.get(name) ?? '', timeout: 25_000 },
      { place: `${name}, haproxy`, url: haproxy.get(name) ?? '', timeout: 18_000 },
    ]
    return ways.flatMap((way) => {
      const pc = connectBy(way, sandbox)
      const place = {
        name: way.place,
        jobs: pc.jobs,
        feed: () => sandbox.connect.feed(),
        isFlawed: name === 'repeating' || name === 'withheld',
      }
      return [
        ...profiles.map((profile) => follow(soak, place, profile)),
        ...(name === 'plain' ? [follow(soak, place, endless(linesPerSecond / 3))] : []),
        ...(name === 'plain' || name === 'cluster' ? [deploy(soak, way.place, pc)] : []),
        ...(name === 'plain' ? [submit(soak, way.place, genesysBy(way, sandbox), 4)] : []),
      ]
    })
  })
}

function connectBy({ url, timeout }: Way, { connect: { apiKey } }: Sandbox): Connect {
  const options: ConnectOptions = { server: url, apiKey, timeout, idleTimeout: 4_000 }
  return connect(options)
}

function genesysBy({ url, timeout }: Way, { genesys: { clientId, clientSecret } }: Sandbox): Genesys {
  return genesys({ baseUrl: url, auth: clientCredentials({ clientId, clientSecret }), timeout, idleTimeout: 4_000 })
}
