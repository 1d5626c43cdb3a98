import {
  assert,
  type ObservedService,
  type RequestKind,
  type SourceUnderTest,
  type StreamUnderTest,
  skipUnless,
} from './conformance-types.ts'
import { endOf, Probe, readsOf, streamOf } from './probe.ts'

/** How a guarantee is checked: in parts, each on a new service. */
export interface Guarantee {
  readonly name: string
  readonly ofStream: ReadonlyArray<<Ref>(service: StreamUnderTest<Ref>) => Promise<void>>
  /** What the guarantee says of a source beyond the streams on it. */
  readonly ofSource?: <Ref, Job, Failure, Submitted>(
    service: SourceUnderTest<Ref, Job, Failure, Submitted>,
  ) => Promise<void>
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
const shareObjects = (a: Probe, b: Probe): boolean =>
  a.values.some((value) => isObject(value) && b.values.includes(value))

/** Two subscriptions that give the same objects are one stream. */
export const isCold: Guarantee = {
  name: 'G1: nothing happens before subscribe, and two subscribers are two streams',
  ofStream: [
    async (service) => {
      streamOf(service)
      await service.advance(100)
      assert(service.mostInFlight() === 0, () => 'a request was sent before a subscription')
    },
    async (service) => {
      const stream = streamOf(service)
      const first = stream.subscribe()
      await first.until(() => first.values.length > 0)
      const second = stream.subscribe()
      endOf(await first.run())
      endOf(await second.run())
      assert(!shareObjects(first, second), () => 'two subscribers got the same objects')
      const late = await stream.subscribe().run()
      assert(late.values.length > 0 || first.values.length === 0, () => 'a later subscriber got nothing')
      assert(!shareObjects(first, late), () => 'a later subscriber got the same objects')
    },
  ],
  ofSource: async (service) => {
    const { source, ref } = service
    readsOf(service, ref)
    source.cancel?.(ref)
    await service.advance(100)
    assert(service.mostInFlight() === 0, () => 'a request was sent before a subscription')
    const status = source.status(ref)
    const first = new Probe(service, status)
    const second = new Probe(service, status)
    await first.run()
    await second.run()
    assert(!shareObjects(first, second), () => 'two subscribers of `status` got the same snapshot')
  },
}

const kinds: ReadonlyArray<RequestKind> = ['status', 'log', 'live']

/** By the counts of the service. */
export const readsOneAtATime: Guarantee = {
  name: 'G2: at most one status read and one log read in flight, besides one live connection',
  ofStream: [
    async (service) => {
      await streamOf(service).subscribe().run()
      for (const kind of kinds) {
        const most = service.mostInFlight(kind)
        assert(most <= 1, () => `${most} ${kind} requests were in flight at once`)
      }
      skipUnless(service.mostInFlight() > 0, 'the service saw no request in flight: give it some latency')
    },
  ],
}

type Service = Pick<ObservedService<unknown>, 'inFlight' | 'advance'>

/** Waits up to 50 ms, in steps: the service may be a few turns of the event loop behind. */
async function seesAllClosed(service: Service): Promise<boolean> {
  for (let step = 0; step < 5 && service.inFlight() > 0; step++) await service.advance(10)
  return service.inFlight() === 0
}

/** Unsubscribes at a moment; false where that did not come. */
async function unsubscribeAt<Ref>(
  service: StreamUnderTest<Ref>,
  when: string,
  moment: (service: Service, probe: Probe) => boolean,
): Promise<boolean> {
  const probe = streamOf(service).subscribe()
  if (!(await probe.until(() => moment(service, probe)))) return false
  const emitted = probe.values.length
  probe.unsubscribe()
  const { pending } = probe.scheduler
  assert(pending === 0, () => `unsubscribed ${when}: ${pending} timers are left`)
  assert(await seesAllClosed(service), () => `unsubscribed ${when}: the service sees a request open after 50 ms`)
  await service.advance(50)
  assert(service.inFlight() === 0, () => `unsubscribed ${when}: another request is sent`)
  assert(probe.values.length === emitted, () => `unsubscribed ${when}: it goes on emitting`)
  return true
}

/** At three moments, the last two where they come. */
export const abortsOnUnsubscribe: Guarantee = {
  name: 'G3: unsubscribing aborts the request, its body and the wait',
  ofStream: [
    async (service) => {
      const seen = await unsubscribeAt(service, 'while a request is in flight', ({ inFlight }) => inFlight() > 0)
      skipUnless(seen, 'the service saw no request in flight: give it some latency')
    },
    async (service) => {
      const isWaiting = ({ inFlight }: Service, { scheduler }: Probe) => inFlight() === 0 && scheduler.pending > 0
      await unsubscribeAt(service, 'while it waits', isWaiting)
    },
    async (service) => {
      const isLive = ({ inFlight }: Service, { values }: Probe) => inFlight('live') > 0 && values.length > 0
      await unsubscribeAt(service, 'while the live connection is open', isLive)
    },
  ],
  ofSource: async (service) => {
    for (const [name, read] of readsOf(service, service.ref)) {
      const probe = new Probe(service, read)
      const seen = await probe.until(() => service.inFlight() > 0)
      probe.unsubscribe()
      if (seen) assert(await seesAllClosed(service), () => `${name}: unsubscribed, and a request is open after 50 ms`)
    }
  },
}

function assertOnePost({ posts }: Pick<ObservedService<unknown>, 'posts'>, what: string): void {
  skipUnless(posts !== undefined, 'no `posts` were given')
  assert(posts() <= 1, () => `${what} sent ${posts()} POSTs`)
}

/** By the counts of the service. */
export const postsOnce: Guarantee = {
  name: 'G6: a POST is never sent twice',
  ofStream: [
    async (service) => {
      await streamOf(service).subscribe().run()
      assertOnePost(service, 'one subscription')
    },
  ],
  ofSource: async (service) => {
    const { source, ref } = service
    if (source.cancel === undefined) return
    await new Probe(service, source.cancel(ref)).run()
    assertOnePost(service, 'one `cancel`')
  },
}

/** Whenever no request is in flight, a timer of the given scheduler must be set. */
export const waitsByTheScheduler: Guarantee = {
  name: 'G7: all waiting goes through the given scheduler',
  ofStream: [
    async (service) => {
      const { stalled, scheduler } = await streamOf(service).subscribe().run()
      assert(
        !stalled,
        () => 'no request was in flight, no timer of the scheduler was set, and the stream had not ended',
      )
      skipUnless(scheduler.total > 0, 'the stream did not wait')
    },
  ],
}
