import type { Observable } from 'rxjs'
import type { Connection } from '../streams/index.ts'
import type { LawSetup, StreamLawSetup } from './law-setup.ts'
import { Trial } from './trial.ts'
import { watched } from './watched-clock.ts'

/** Gives a fresh service each time. */
export type Setup<S> = () => Promise<S>

/** How one law is checked. */
export interface Checks {
  readonly name: string
  readonly ofStream: <Ref>(setup: Setup<StreamLawSetup<Ref>>) => Promise<void>
  /** What the law says of a source beyond what it says of the streams on it. */
  readonly ofSource?: <Ref, Job, Failure, Submitted>(
    setup: Setup<LawSetup<Ref, Job, Failure, Submitted>>,
  ) => Promise<void>
}

/** A stream that nobody has subscribed to yet. */
export interface Unstarted {
  /** All that was told of the connections, by any subscription. */
  readonly connections: ReadonlyArray<Connection>
  readonly subscribe: () => Trial
}

/** Makes the stream of a service. */
export function streamOf<Ref>(service: StreamLawSetup<Ref>, ref: Ref = service.ref): Unstarted {
  const clock = watched(service.scheduler)
  const connections: Array<Connection> = []
  const onConnection = (connection: Connection): void => void connections.push(connection)
  const stream = service.stream(ref, { scheduler: clock, onConnection })
  return { connections, subscribe: () => new Trial(service, stream, clock) }
}

/** Subscribes to something else of a service. */
export const trialOf = <Ref>(service: Omit<StreamLawSetup<Ref>, 'stream'>, stream: Observable<unknown>): Trial =>
  new Trial(service, stream, watched(service.scheduler))

/** Uses a fresh service and closes it. */
export async function withFresh<S extends { readonly close: () => Promise<void> | void }, A>(
  setup: Setup<S>,
  use: (service: S) => Promise<A>,
): Promise<A> {
  const service = await setup()
  try {
    return await use(service)
  } finally {
    await service.close()
  }
}

/** All methods of a source that read, by name, each called and not subscribed to. */
export function readsOf<Ref, Job, Failure, Submitted>(
  { source }: Pick<LawSetup<Ref, Job, Failure, Submitted>, 'source'>,
  ref: Ref,
): ReadonlyArray<readonly [name: string, read: Observable<unknown>]> {
  const { log } = source
  return [
    ['status', source.status(ref)],
    ...(log === undefined ? [] : [['log.window', log.window(ref, 10)] as const]),
    ...(log?.since === undefined ? [] : [['log.since', log.since(ref, 0)] as const]),
    ...(log?.live === undefined ? [] : [['log.live', log.live(ref)] as const]),
    ...(log?.full === undefined ? [] : [['log.full', log.full(ref)] as const]),
  ]
}
